"""How long the suite waits for a post."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mavibot_conformance.target.receiver import Post, Receiver


class _Clock:
    """Passes by waits alone, and does something at one moment."""

    def __init__(self) -> None:
        self.now = 0.0
        self.due = float("inf")
        self.happens: Callable[[], object] = lambda: None

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float, /) -> None:
        self.now += seconds
        if self.now >= self.due:
            self.due = float("inf")
            self.happens()


def _waited(receiver: Receiver, clock: _Clock, text: str, late: float | None) -> tuple[int, float]:
    """Return how many posts were found of which one comes so many seconds late, and how long that took."""
    began = clock.now
    if late is not None:
        clock.due = began + late
        clock.happens = lambda: receiver.posts.append(Post("POST", "application/json", text.encode()))
    return len(receiver.about(text)), clock.now - began


@pytest.mark.parametrize("late", [0.5, 1.9, 3.0, 4.0])
def test_posts_may_come_seconds_late_each_time(late: float) -> None:
    clock = _Clock()
    receiver = Receiver("127.0.0.1:0", clock=clock)
    for number in range(12):
        count, _ = _waited(receiver, clock, f"text {number}", late)
        assert count == 1
    assert _waited(receiver, clock, "none", None)[0] == 0
    assert _waited(receiver, clock, "after", late)[0] == 1


def test_where_none_come_the_long_wait_is_made_once() -> None:
    clock = _Clock()
    receiver = Receiver("127.0.0.1:0", clock=clock)
    seconds = [_waited(receiver, clock, f"text {number}", None)[1] for number in range(3)]
    assert seconds[0] > 5
    assert seconds[1] < 2.5
    assert seconds[2] <= seconds[1]
