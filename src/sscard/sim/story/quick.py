"""A card for somebody of an area without telling it: the same way, step by step, by the same hands."""

from __future__ import annotations

from sscard.sim.roster import cells_of
from sscard.sim.story import cards, issue, people
from sscard.sim.story.collect import find, photos
from sscard.sim.story.steps import must
from sscard.sim.story.world import World


def card(world: World) -> None:
    """Two people with cards in their hands, in `world`'s area."""
    people_in(world)
    issue.apply(world)
    issue.check(world)
    issue.batch(world)
    issue.bank_answers(world)
    cards.release(world, world.facts["batch"])
    cards.fetch(world, world.facts["batch"])
    cards.make(world, world.facts["batch"], spoil="0%")
    cards.hand_in_return(world, world.facts["batch"])
    for name in world.heroes:
        hero = world.heroes[name]
        hero.plastic = world.wallet.card(hero.body.id_number)
    cards.receive(world, world.facts["batch"])
    world.facts["sent"] = world.staff("stock").act(
        "issuing.send_to_outlet", outlet=world.place.hall, seal=cards.fresh_seal(world.area),
        cards=[world.heroes[name].card for name in world.heroes],
    )  # fmt: skip
    issue.at_outlet(world)
    issue.hand_over(world)


def people_in(world: World) -> None:
    one, two = list(people.Newcomers(world.area).people(2))
    world.heroes |= {"hero": people.hero_of(one), "other": people.hero_of(two)}
    clerk = world.staff("clerk")
    for name in world.heroes:
        world.wallet.keep_person(f"{name}-{world.area}", world.heroes[name].body)
    received = clerk.file("/api/rosters", "roster.csv", people.roster([cells_of(one), cells_of(two)]))
    path = f"/api/imports/{received['import']}"
    found = world.wait(clerk, path, ("checking",))
    must(found["good"] == 2, str(found))
    clerk.act("people.register_roster", import_id=received["import"])
    world.wait(clerk, path, ("registering",))
    find(world)
    photos(world)
