"""Cases, steps and rows of the catalogue in Open311's fields."""

from services.gateway.open311 import mapping, schemas
from services.issues.searching import in_short, shown_step, steps_of
from suishoupai.contracts.words import STATES

from .....walk import to


def whole(photo):
    return f"https://county.example{photo}"


def nowhere(photo):
    return None


def test_a_case_in_any_state_is_a_request_of_the_published_shape():
    for state in STATES:
        case = in_short(to(state).case)
        request = mapping.request(case, whole)
        assert not schemas.ServiceRequest().validate(request)
        assert request["service_request_id"] == case["number"]
        assert request["status_notes"].startswith(STATES[state])


def test_nobodys_number_is_told_and_nobodys_name():
    walk = to("reported", description="请打 13812345678 找 li@example.com", address="13912345678")
    walk.do("reject", reason="电话 13712345678 打不通")
    said = str(mapping.request(in_short(walk.case), whole))
    assert "138****5678" in said and "139****5678" in said and "137****5678" in said
    assert "member" not in said and "dispatcher" not in said and "li@" not in said


def test_photos_are_only_for_who_could_fetch_them():
    case = in_short(to("reported", photos=["/api/v1/photos/1"]).case)
    assert mapping.request(case, whole)["media_url"] == "https://county.example/api/v1/photos/1"
    assert mapping.request(case, nowhere)["media_url"] is None


def test_a_closed_request_was_updated_when_it_was_closed():
    walk = to("closed")
    closed = mapping.request(in_short(walk.case), whole)
    walk.pass_by(days=1).do("remark", "reporter").do("rate", "reporter")
    later = mapping.request(in_short(walk.case), whole)
    assert later["updated_datetime"] == closed["updated_datetime"]
    walk = to("closed").pass_by(days=1).do("reopen", "reporter")
    assert (
        mapping.request(in_short(walk.case), whole)["updated_datetime"]
        != (closed["updated_datetime"])
    )


def test_what_led_to_a_state_explains_it_whatever_was_said_later():
    walk = to("checking").do("check").do("close", note="已清理")
    walk.do("remark", "reporter", note="谢谢")
    assert mapping.request(in_short(walk.case), whole)["status_notes"] == "已结案：已清理"


def test_each_step_is_an_update_of_the_published_shape():
    walk = to("rated")
    walk.case["history"][3]["given"] = {"photos": ["/api/v1/photos/2"]}
    updates = [mapping.update(step, whole) for step in map(shown_step, steps_of(walk.case))]
    for update in updates:
        assert not schemas.Update().validate(update)
    assert len({update["update_id"] for update in updates}) == len(updates)
    assert updates[3]["media_url"] == "https://county.example/api/v1/photos/2"


def test_a_remark_is_its_own_words_masked():
    walk = to("handling").do("remark", "reporter", note="还没来 13812345678")
    update = mapping.update(shown_step(list(steps_of(walk.case))[-1]), whole)
    assert (update["description"], update["status"]) == ("还没来 138****5678", "IN_PROGRESS")


def test_whom_to_call_comes_first():
    taken = {"number": "n", "emergency": [{"number": "119", "name": "火警"}]}
    notice = mapping.receipt(taken, "account")["service_notice"]
    assert notice.startswith("如有人身危险，请立即拨打 119（火警）")
    assert not schemas.RequestReceipt().validate(mapping.receipt(taken, None))


def test_a_service_is_of_the_published_shape():
    row = {
        "code": "06010",
        "name": "暴露垃圾",
        "major_name": "市容环境",
        "responsible": ["环卫", "物业"],
        "filing_condition": None,
    }
    service = mapping.service(row)
    assert not schemas.Service().validate(service)
    assert (service["metadata"], service["keywords"]) == (False, "市容环境,环卫,物业")
    assert not schemas.ServiceDefinition().validate(mapping.definition(row))
