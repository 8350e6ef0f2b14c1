"""The style of the page of a report, and the Content-Security-Policy that lets it and nothing else
work: no script, no address, no style but this one."""

from __future__ import annotations

import base64
import hashlib

STYLE = """
@page { size: A4; margin: 14mm 13mm 16mm;
  @bottom-center { content: counter(page) " / " counter(pages); font-size: 9px; color: #64748b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 184mm; color: #1e293b; font: 12px/1.5 "Noto Sans CJK SC",
  "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif; background: #fff; }
header { border-bottom: 2px solid #1f6feb; margin-bottom: 10px; padding-bottom: 6px; }
h1 { font-size: 22px; margin: 0; }
h2 { font-size: 14px; margin: 16px 0 6px; border-left: 4px solid #1f6feb; padding-left: 7px;
  break-after: avoid; }
h2 small, header p { color: #64748b; font-weight: normal; font-size: 11px; margin: 2px 0 0; }
section { break-inside: auto; }
figure { margin: 4px 0; break-inside: avoid; }
svg { width: 100%; height: auto; display: block; }
table { width: 100%; border-collapse: collapse; font-size: 11px; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
table + table { margin-top: 10px; }
th { white-space: nowrap; text-align: right; font-weight: 600; color: #475569;
  border-bottom: 1px solid #94a3b8; }
td { text-align: right; border-bottom: 1px solid #e2e8f0; font-variant-numeric: tabular-nums; }
th, td { padding: 2px 4px; vertical-align: top; }
.text { text-align: left; }
.small td, .small th { font-size: 9.5px; padding: 1.5px 3px; }
.method td:nth-child(3) { white-space: nowrap; }
.cards { display: grid; grid-template-columns: repeat(6, 1fr); gap: 6px; margin: 8px 0; }
.card { border: 1px solid #cbd5e1; border-radius: 4px; padding: 6px 8px; break-inside: avoid; }
.card b { display: block; font-size: 19px; line-height: 1.2; }
.card span { color: #64748b; font-size: 10px; display: block; }
.green { color: #15803d; } .yellow { color: #a16207; } .red { color: #b91c1c; }
ul { margin: 4px 0; padding-left: 18px; font-size: 10.5px; }
@media screen { body { padding: 14mm 0; } }
""".strip()


def policy(style: str) -> str:
    """The policy of a page with this style."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"


POLICY = policy(STYLE)
"""A page is kept with the policy of its own time: the style may be another by the time it is
read."""
