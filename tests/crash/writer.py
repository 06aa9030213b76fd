"""A client that stores, replaces and deletes, and remembers what it was told."""

import random
from collections.abc import Sequence
from threading import Event
from typing import Final

import httpx

from tests.crash.answers import Verdict, judge
from tests.crash.contents import Forge, delete
from tests.crash.ledger import Key, Ledger, Request, Verb

MOST_HELD: Final = 60  # then it rather deletes, so that the judge has an end
SET_ASIDE: Final = 0.3  # of the open requests are left to the judge
PAUSE_S: Final = 0.1
TIMEOUT_S: Final = 60.0


class Writer:
    """One client. Its instances are its own, some studies it shares with others."""

    def __init__(self, number: int, seed: int, shared: Sequence[str]) -> None:
        self.ledger = Ledger()
        self.problems: list[str] = []
        self._dice = random.Random(f"{seed}/{number}")
        self._forge = Forge(number, self._dice)
        self._shared = shared

    def work(self, base_url: str, token: str, stop: Event) -> None:
        """Send one request after the other until told to stop."""
        with httpx.Client(
            base_url=f"{base_url}/dicomweb",
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_S,
        ) as client:
            while not stop.is_set():
                self._carry_out(client, self._next(), stop)

    def _carry_out(self, client: httpx.Client, request: Request, stop: Event) -> None:
        """Send a request until its outcome is certain, or leave it open."""
        may_have_happened = False
        while True:
            answer = self._send(client, request)
            if isinstance(answer, httpx.Response):
                verdict = judge(request, answer, again=may_have_happened)
                if verdict is not Verdict.OPEN:
                    self._conclude(request, verdict, answer)
                    return
            if not isinstance(answer, httpx.ConnectError):
                may_have_happened = True
                self.ledger.counts["uncertain"] += 1
            if stop.is_set() or (may_have_happened and self._dice.random() < SET_ASIDE):
                break
            stop.wait(PAUSE_S)
        if may_have_happened:
            self.ledger.aside.append(request)

    def _send(
        self, client: httpx.Client, request: Request
    ) -> httpx.Response | httpx.TransportError:
        try:
            return client.request(
                request.verb,
                request.path,
                content=request.body,
                headers=dict(request.headers),
            )
        except httpx.TimeoutException as error:
            self.problems.append(f"{request.verb} had no answer for {TIMEOUT_S:.0f} s")
            return error
        except httpx.TransportError as error:
            return error

    def _conclude(
        self, request: Request, verdict: Verdict, answer: httpx.Response
    ) -> None:
        if verdict is Verdict.WRONG:
            self.problems.append(
                f"{request.verb} {request.path} of {len(request.after)} instances:"
                f" {answer.status_code} {answer.text[:500]}"
            )
            self.ledger.aside.append(request)
            return
        self.ledger.settle(request)
        self.ledger.counts[request.verb] += 1

    def _next(self) -> Request:
        free = self.ledger.free()
        choice = self._dice.random()
        if free and (choice < 0.25 or len(self.ledger.held) > MOST_HELD):
            return self._delete(self._dice.choice(free))
        if free and choice < 0.5:
            keys = self._dice.sample(free, min(len(free), self._dice.randint(1, 3)))
            return self._forge.store(keys, Verb.REPLACE)
        return self._store()

    def _store(self) -> Request:
        """Store into a new study, or into a study that others write to as well."""
        dice, uid = self._dice, self._forge.uid
        study = dice.choice([uid(), *self._shared])
        series = [uid() for _ in range(dice.randint(1, 3))]
        places = [dice.choice(series) for _ in range(dice.randint(1, 8))]
        return self._forge.store(Key(study, place, uid()) for place in places)

    def _delete(self, key: Key) -> Request:
        """Delete an instance, or its series or study where all of that is certain."""
        level = self._dice.choice(["instance", "series", "study"])
        ledger = self.ledger
        if level == "study" and key.study not in self._shared:
            keys = [held for held in ledger.held if held.study == key.study]
            if ledger.is_certain_below(key.study):
                return delete(f"/studies/{key.study}", keys)
        if level != "instance" and ledger.is_certain_below(key.study, key.series):
            keys = [held for held in ledger.held if held.series == key.series]
            return delete(f"/studies/{key.study}/series/{key.series}", keys)
        return delete(key.path, [key])
