"""The PostgreSQL that the tests start."""


def test_it_runs_and_starts_again_after_a_crash(server):
    assert server.sql("select %s::text", "here") == [("here",)]
    server.sql("create table kept (a int)")
    server.stop("immediate")
    server.start()
    assert server.sql("select * from kept") == []
