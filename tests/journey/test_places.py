"""So many on the wire at once and no more; who waited longest goes first, and no place is lost."""

from __future__ import annotations

import asyncio

from gateway.journey.places import Place, Places


async def settle() -> None:
    """Let everybody do what he can do now."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_place_that_is_left_goes_to_who_has_waited_longest() -> None:
    async def story() -> list[str]:
        places, came = Places(1), []
        first, second, third = (Place(places, held=False) for _ in range(3))

        async def come(name: str, place: Place) -> None:
            await place.take()
            came.append(name)

        await first.take()
        waiting = [asyncio.create_task(come(*each)) for each in (("second", second), ("third", third))]
        await settle()
        assert (came, places.free) == ([], 0)
        first.leave()
        await settle()
        assert came == ["second"]
        second.leave()
        await asyncio.gather(*waiting)
        third.leave()
        assert places.free == 1
        return came

    assert asyncio.run(story()) == ["second", "third"]


def test_to_take_and_to_leave_twice_is_to_do_it_once() -> None:
    async def story() -> None:
        places = Places(2)
        place = places.place()
        await place.take()
        assert places.free == 1
        place.leave()
        place.leave()
        assert places.free == 2

    asyncio.run(story())


def test_who_gives_up_waiting_takes_no_place_with_him() -> None:
    async def story() -> None:
        places = Places(1)
        held = places.place()
        gone, goes_on = (asyncio.create_task(Place(places, held=False).take()) for _ in range(2))
        await settle()
        gone.cancel()
        held.leave()
        await goes_on
        assert places.free == 0

    asyncio.run(story())


def test_a_place_handed_to_who_has_just_given_up_is_passed_on() -> None:
    async def story() -> None:
        places = Places(1)
        held = places.place()
        gone = asyncio.create_task(Place(places, held=False).take())
        await settle()
        held.leave()  # it is his now
        gone.cancel()
        await settle()
        assert gone.cancelled()
        assert places.free == 1

    asyncio.run(story())


def test_that_a_place_has_become_free_is_told() -> None:
    async def story() -> None:
        told = asyncio.Event()
        places = Places(1, freed=told.set)
        places.place().leave()
        assert told.is_set()

    asyncio.run(story())
