"""A client that schedules, claims and completes workitems, and knows what was told."""

from collections import Counter
from threading import Event
from typing import Any, Final

import httpx

from tests.synthetic import new_uid
from tests.worklist.steps import performed, state, step

PAUSE_S: Final = 0.1
TIMEOUT_S: Final = 60.0
JSON: Final = {"Content-Type": "application/dicom+json"}
SCHEDULED, IN_PROGRESS, COMPLETED = "SCHEDULED", "IN PROGRESS", "COMPLETED"
ORDER: Final = (SCHEDULED, IN_PROGRESS, COMPLETED)


class Performer:
    """One client, which does one workitem after the other.

    Attributes
    ----------
    acknowledged
        The state of each workitem that was answered; it may have come further where
        an answer was lost.
    """

    def __init__(self) -> None:
        self.acknowledged: dict[str, str] = {}
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []

    def work(self, base_url: str, token: str, stop: Event) -> None:
        """Do workitems until told to stop."""
        with httpx.Client(
            base_url=f"{base_url}/dicomweb",
            headers={"Authorization": f"Bearer {token}", **JSON},
            timeout=TIMEOUT_S,
        ) as client:
            while not stop.is_set():
                self._perform(client, stop)
                stop.wait(PAUSE_S)

    def _perform(self, client: httpx.Client, stop: Event) -> None:
        uid, lock = new_uid(), new_uid()
        of_state = f"/workitems/{uid}/state"
        # What was done, and not answered, is answered with the second status.
        if not self._ask(
            client, stop, ("POST", f"/workitems?{uid}", step()), {201, 409}
        ):
            return
        self._note(uid, SCHEDULED)
        claim = ("PUT", of_state, state(IN_PROGRESS, lock))
        if not self._ask(client, stop, claim, {200, 409}):
            return
        self._note(uid, IN_PROGRESS)
        tell = ("POST", f"/workitems/{uid}?{lock}", performed())
        if not self._ask(client, stop, tell, {200}):
            return
        complete = ("PUT", of_state, state(COMPLETED, lock))
        if self._ask(client, stop, complete, {200}):
            self._note(uid, COMPLETED)

    def _ask(
        self,
        client: httpx.Client,
        stop: Event,
        request: tuple[str, str, Any],
        done: set[int],
    ) -> bool:
        """Ask until there is an answer; return whether it is done for certain."""
        method, path, model = request
        is_first = True
        while not (stop.is_set() and not is_first):
            try:
                answer = client.request(method, path, json=model)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code != 503:
                allowed = done - {409} if is_first else done
                if answer.status_code not in allowed:
                    self.problems.append(
                        f"{method} {path}: {answer.status_code} {answer.text[:200]}"
                    )
                    return False
                return True
            is_first = False
            stop.wait(PAUSE_S)
        return False

    def _note(self, uid: str, reached: str) -> None:
        self.acknowledged[uid] = reached
        self.counts[f"workitems {reached}"] += 1
