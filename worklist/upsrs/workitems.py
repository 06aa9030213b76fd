"""One workitem: created, retrieved, updated, claimed, ended (PS3.18 11.4 to 11.8)."""

from starlette.requests import Request
from starlette.responses import Response

from core.database import run, run_read
from core.media_types import DICOM_XML
from imaging import native_xml
from imaging.dicomweb.dialect import dialect_of
from imaging.dicomweb.request import (
    accepted_data_set,
    actor_of,
    partition_of,
    uid,
)
from imaging.dicomweb.responses import text_response
from worklist.cancel import request_cancel
from worklist.change_state import change_state
from worklist.create import create_workitem
from worklist.delete import delete_workitem
from worklist.errors import (
    WorkitemInvalid,
    WorkitemRefused,
    WrongTransactionUid,
    refusal,
)
from worklist.retrieve import Retrieved, retrieve_workitem
from worklist.rules import Status, check_state_change
from worklist.update import update_workitem
from worklist.upsrs.answers import (
    address_of,
    headers_of,
    named_uid,
    telling_refusals,
)
from worklist.upsrs.body import data_set_of


async def create(request: Request) -> Response:
    """Create a workitem (PS3.18 11.4)."""
    given = named_uid(request, "workitem", "AffectedSOPInstanceUID")
    model = await data_set_of(request)
    with telling_refusals(request):
        made = await run(
            create_workitem,
            actor=actor_of(request),
            partition=partition_of(request),
            model=model,
            uid=given,
            is_azure=dialect_of(request).is_azure,
        )
    address = address_of(request, made)
    headers = {"location": address, "content-location": address}
    return Response(status_code=201, headers=headers)


async def retrieve(request: Request) -> Response:
    """Answer a workitem, without its Transaction UID (PS3.18 11.5)."""
    form = accepted_data_set(request)
    held: Retrieved = await run_read(
        retrieve_workitem,
        actor=actor_of(request),
        partition=partition_of(request),
        uid=uid(request, "workitem"),
    )
    body = held.json()
    if form.type == DICOM_XML:
        body = await run(lambda: native_xml.write(held.model()))
    return text_response(request, body, media_type=form.type)


async def update(request: Request) -> Response:
    """Change what a workitem says (PS3.18 11.6)."""
    name = uid(request, "workitem")
    lock = named_uid(request, "transaction", "transaction-uid", "TransactionUID")
    model = await data_set_of(request)
    is_azure = dialect_of(request).is_azure
    with telling_refusals(request):
        try:
            await run(
                update_workitem,
                actor=actor_of(request),
                partition=partition_of(request),
                uid=name,
                model=model,
                transaction_uid=lock,
                is_azure=is_azure,
            )
        except WorkitemRefused as error:
            if is_azure and error.status is Status.NOT_IN_PROGRESS:  # 400
                raise WrongTransactionUid(error.outcome) from error
            raise
    return Response(headers={"content-location": address_of(request, name)})


async def state(request: Request) -> Response:
    """Claim a workitem, or end the work at it (PS3.18 11.7)."""
    name = uid(request, "workitem")
    asked = check_state_change(await data_set_of(request))
    if asked.state is None or asked.findings:
        raise WorkitemInvalid(asked.findings)
    with telling_refusals(request):
        outcome = await run(
            change_state,
            actor=actor_of(request),
            partition=partition_of(request),
            uid=name,
            state=asked.state,
            transaction_uid=asked.transaction_uid,
        )
    return Response(headers=headers_of(request, name, outcome))


async def cancel(request: Request) -> Response:
    """Ask for a workitem to be canceled (PS3.18 11.8)."""
    name = uid(request, "workitem")
    model = await data_set_of(request, may_be_empty=True)
    with telling_refusals(request):
        outcome = await run(
            request_cancel,
            actor=actor_of(request),
            partition=partition_of(request),
            uid=name,
            model=model,
        )
        if outcome.status is Status.ALREADY_CANCELED:  # 409, with the words as Warning
            raise refusal(outcome)
    return Response(status_code=202, headers=headers_of(request, name, outcome))


async def delete(request: Request) -> Response:
    """Delete a workitem that has ended; ours, no other service has it."""
    with telling_refusals(request):
        await run(
            delete_workitem,
            actor=actor_of(request),
            partition=partition_of(request),
            uid=uid(request, "workitem"),
        )
    return Response(status_code=204)
