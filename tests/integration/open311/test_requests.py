"""Requests by Open311: taken, listed, and seen by whom they are for."""


def new(point, **more):
    return {
        "service_code": "06010",
        "lat": str(point[1]),
        "long": str(point[0]),
        "description": "单元门口垃圾成堆",
        **more,
    }


def test_what_is_posted_is_there(world, hotline, compound):
    answer = hotline.post("requests", **new(compound[1]))
    assert answer.status == 200, answer.raw
    print(answer.body)
    number = answer.body[0]["service_request_id"]
    print(hotline.get(f"requests/{number}").body)
    print(hotline.get(f"requests/{number}", "xml").raw.decode())
    print(hotline.get("requests", "xml").raw.decode()[:300])
    print(hotline.get("services", "xml").raw.decode()[:1300])
    print(hotline.get("discovery", "xml").raw.decode()[:1300])
    u = hotline.post(
        "servicerequestupdates",
        service_request_id=number,
        update_id="1",
        description="还在",
        status="OPEN",
        updated_datetime="2026-11-25T00:00:00Z",
    )
    print(u.status, u.raw.decode())
    print(hotline.get("servicerequestupdates", "xml").raw.decode()[:1300])
    bad = hotline.post("requests")
    print(bad.status, bad.raw.decode())
    assert 0
