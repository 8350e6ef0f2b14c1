"""Replaying a file against a server that notes what it is sent."""

import csv

import pytest

from suishoupai.cli.replay import Replay, UnreadableFile, read_rows
from suishoupai.contracts.problems import Problem, invalid

HEADER = "time,lng,lat,datum,category,description"
GOOD = "2026-11-23T08:00:00+08:00,117.9,33.48,WGS-84,06010,垃圾"


class Server:
    """Refuses an unknown datum; goes away after ``limit`` reports."""

    def __init__(self, limit=10**9):
        self.taken = {}
        self.limit = limit

    def report(self, body, key):
        if len(self.taken) >= self.limit and key not in self.taken:
            raise Problem("unavailable")
        if body["location"]["datum"] != "WGS-84":
            raise invalid("location.datum", "unknown")
        self.taken[key] = body


def write(tmp_path, *lines, encoding="utf-8"):
    path = tmp_path / "reports.csv"
    path.write_bytes("\n".join([HEADER, *lines]).encode(encoding))
    return path


def rejects(replay):
    with replay.reject_file.open(encoding="utf-8", newline="") as file:
        return [(row["line"], row["reason"]) for row in csv.DictReader(file)]


def test_good_rows_are_sent_and_bad_ones_listed_with_line_and_reason(tmp_path):
    server = Server()
    path = write(tmp_path, GOOD, GOOD.replace("WGS-84", "BD-09"), "only,two", GOOD)
    replay = Replay(path, server)
    outcome = replay.run(lambda _: None)
    assert (outcome.sent, outcome.rejected) == (2, 2)
    assert len(server.taken) == 2
    assert rejects(replay) == [
        ("3", "location.datum: unknown"),
        ("4", "2 columns instead of 6"),
    ]


def test_an_interrupted_replay_goes_on_and_sends_nothing_twice(tmp_path):
    lines = [GOOD if n % 10 else GOOD.replace("WGS-84", "?") for n in range(300)]
    path = write(tmp_path, *lines)
    server = Server(limit=100)
    with pytest.raises(Problem):
        Replay(path, server).run(lambda _: None)
    server.limit = 10**9
    again = Replay(path, server)
    assert 0 < again.done < 300
    outcome = again.run(lambda _: None)
    assert (outcome.sent, outcome.rejected) == (270, 30)
    assert len(server.taken) == 270
    assert [line for line, _ in rejects(again)] == [str(n + 2) for n in range(0, 300, 10)]


def test_a_finished_file_is_not_sent_again_but_a_changed_one_is(tmp_path):
    path = write(tmp_path, GOOD)
    Replay(path, Server()).run(lambda _: None)
    server = Server()
    Replay(path, server).run(lambda _: None)
    assert server.taken == {}
    path = write(tmp_path, GOOD, GOOD)
    Replay(path, server).run(lambda _: None)
    assert len(server.taken) == 2


def test_rejects_noted_by_a_run_that_died_before_its_progress_are_not_doubled(tmp_path):
    path = write(tmp_path, GOOD.replace("WGS-84", "?"))
    first = Replay(path, Server())
    first.run(lambda _: None)
    (tmp_path / "reports.csv.progress").unlink()
    second = Replay(path, Server())
    second.run(lambda _: None)
    assert len(rejects(second)) == 1


def test_a_table_saved_by_a_chinese_spreadsheet_is_read(tmp_path):
    path = write(tmp_path, GOOD, encoding="gb18030")
    assert read_rows(path.read_bytes())[0].values["description"] == "垃圾"


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", HEADER.replace("datum", "d").encode()])
def test_what_is_no_table_of_reports_is_refused(content):
    with pytest.raises(UnreadableFile, match="columns missing"):
        read_rows(content)


def test_what_is_no_text_is_refused():
    with pytest.raises(UnreadableFile, match="neither UTF-8"):
        read_rows(b"\xff\xff\xff\xff\x81")
