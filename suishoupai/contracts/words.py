"""The closed vocabularies of the domain (DOMAIN: words, people), with their Chinese names."""

from __future__ import annotations

PARTY_KINDS = {"property": "物业", "community": "社区", "department": "部门"}
"""Kinds of responsible party; a town that stands in for a community is of kind community (属地)."""

ROLES = {
    "reporter": "上报人",
    "handler": "处置人",
    "dispatcher": "派遣员",
    "supervisor": "督办",
    "admin": "管理员",
    "program": "程序",
}
"""Roles in the product (DOMAIN: words); a program is a hotline, a mini-program or a dashboard that
comes with a key of its own."""

DATUMS = ("WGS-84", "GCJ-02")
"""Coordinate reference systems a point may be given in; a point without one is an error."""

LIMIT_UNITS = ("工作时", "工作日", "紧急工作时", "紧急工作日")
"""Units of limits (DOMAIN: catalogue); the urgent ones run round the clock."""

LIGHTS = {"green": "正常", "yellow": "临期", "red": "超期"}
"""How near a case is to its limit (DOMAIN: indicators)."""

STATES = {
    "reported": "已上报",
    "verifying": "待核实",
    "accepted": "已受理",
    "filed": "已立案",
    "dispatched": "已派遣",
    "returned": "退回待确认",
    "escalated": "吹哨待处理",
    "handling": "处置中",
    "extension_asked": "延期待批",
    "suspension_asked": "挂账待批",
    "suspended": "挂账",
    "checking": "待核查",
    "closed": "已结案",
    "rated": "已评价",
    "reopened": "重新打开",
    "rejected": "不予受理",
    "withdrawn": "撤回",
    "merged": "并案",
    "void": "作废",
}
"""States of a case; the transitions are in ``services.issues.lifecycle``."""

ENDED = ("closed", "rated", "rejected", "withdrawn", "merged", "void")
"""States in which nobody has to do anything any more (DOMAIN: life of a case)."""

ACTIONS = {
    "report": "上报",
    "place": "定位",
    "verify": "核实",
    "accept": "受理",
    "reject": "不予受理",
    "withdraw": "撤回",
    "file": "立案",
    "dispatch": "派遣",
    "return": "退回",
    "refuse_return": "不同意退回",
    "redispatch": "改派",
    "recall": "收回",
    "take": "接单",
    "ask_extension": "申请延期",
    "grant_extension": "同意延期",
    "refuse_extension": "不同意延期",
    "ask_suspension": "申请挂账",
    "refuse_suspension": "不同意挂账",
    "suspend": "挂账",
    "resume": "恢复处置",
    "feed_back": "反馈",
    "check": "核查",
    "rework": "返工",
    "close": "结案",
    "self_handle": "自行处置",
    "rate": "评价",
    "reopen": "未解决",
    "merge": "并案",
    "unmerge": "撤销并案",
    "absorb": "并入",
    "release": "移出",
    "escalate": "吹哨上报",
    "hand_down": "下派",
    "recategorise": "改类",
    "remark": "补充说明",
    "urge": "催办",
    "supervise": "督办",
    "void": "作废",
    "due_soon": "临期",
    "overdue": "超期",
    "write_notice": "书面督办",
    "circulate": "通报",
}
"""What can happen to a case; who may do it when is in ``services.issues.lifecycle``."""

NEW_PARTY = ("dispatch", "redispatch", "hand_down")
"""Actions after which a party begins anew."""

ACTION_EVENTS = {
    "report": "issue.reported",
    "place": "issue.placed",
    "verify": "issue.verification_asked",
    "accept": "issue.accepted",
    "reject": "issue.rejected",
    "withdraw": "issue.withdrawn",
    "file": "issue.filed",
    "dispatch": "issue.dispatched",
    "return": "issue.returned",
    "refuse_return": "issue.return_refused",
    "redispatch": "issue.redispatched",
    "recall": "issue.recalled",
    "take": "issue.taken",
    "ask_extension": "issue.extension_asked",
    "grant_extension": "issue.extension_granted",
    "refuse_extension": "issue.extension_refused",
    "ask_suspension": "issue.suspension_asked",
    "refuse_suspension": "issue.suspension_refused",
    "suspend": "issue.suspended",
    "resume": "issue.resumed",
    "feed_back": "issue.fed_back",
    "check": "issue.checked",
    "rework": "issue.reworked",
    "close": "issue.closed",
    "self_handle": "issue.self_handled",
    "rate": "issue.rated",
    "reopen": "issue.reopened",
    "merge": "issue.merged",
    "unmerge": "issue.unmerged",
    "absorb": "issue.absorbed",
    "release": "issue.released",
    "escalate": "issue.escalated",
    "hand_down": "issue.handed_down",
    "recategorise": "issue.recategorised",
    "remark": "issue.remarked",
    "urge": "issue.urged",
    "supervise": "issue.supervised",
    "void": "issue.voided",
    "due_soon": "issue.due_soon",
    "overdue": "issue.overdue",
    "write_notice": "issue.notice_written",
    "circulate": "issue.circulated",
}
"""Action → type of the event that tells of it."""

OUTCOMES = {"normal": "正常", "overdue": "超时", "error": "差错", "special": "特殊"}
"""How a case ended (DOMAIN: life of a case)."""

ACTIVITIES = {"verification": "核实", "disposal": "处置", "check": "核查"}
"""What a running clock of a case measures (DOMAIN: two clocks)."""

NOTICE_KINDS = {
    "placed": "待受理案件",
    "accepted": "已受理",
    "rejected": "不予受理",
    "dispatched": "新派案件",
    "urgent_dispatched": "紧急案件已派遣",
    "returned": "退回待确认",
    "return_refused": "退回未获同意",
    "moved": "案件已改派",
    "recalled": "案件已收回",
    "taken": "开始处置",
    "extension_asked": "延期待批",
    "extension_granted": "延期已获同意",
    "extension_refused": "延期未获同意",
    "suspension_asked": "挂账待批",
    "suspended": "已挂账",
    "suspension_refused": "挂账未获同意",
    "resumed": "恢复处置",
    "fed_back": "待核查",
    "reworked": "返工",
    "closed": "已结案",
    "self_handled": "自行处置",
    "rated": "已评价",
    "reopened": "未解决，重新打开",
    "merged": "已并案",
    "unmerged": "撤销并案",
    "absorbed": "并入案件",
    "escalated": "吹哨待处理",
    "handed_down": "下派案件",
    "remarked": "补充说明",
    "urged": "催办",
    "supervised": "督办",
    "voided": "已作废",
    "recategorised": "改类",
    "due_soon": "临期",
    "overdue": "超期",
    "notice_written": "书面督办",
    "circulated": "通报",
    "digest": "每日汇总",
    "monthly_report": "月度报告",
}
"""What a notice is about; who gets it when is in ``data/notices/rules.csv``."""

SOURCES = {"patrol": "巡查上报", "resident": "居民上报", "program": "程序上报"}
"""How a report came: by a grid member or the staff, by a resident, or through a program."""

LANGUAGES = {"zh": "中文", "en": "English"}
"""What notices are written in."""
