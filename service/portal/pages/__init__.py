"""The client's pages. Reading one changes nothing; every answer is a form and needs no script."""

from litestar import Router

from service.portal.pages import (
    devices,
    hand_out,
    help,
    intake,
    links,
    moves,
    own,
    own_data,
    plan,
    questions,
    shell,
    sign_in,
    today,
    week,
    why,
)

routers = [
    Router(
        "/",
        route_handlers=[
            *today.handlers,
            *questions.handlers,
            *why.handlers,
            *intake.handlers,
            *week.handlers,
            *plan.handlers,
            *hand_out.handlers,
            *moves.handlers,
            *help.handlers,
            *sign_in.handlers,
            *shell.handlers,
            *links.handlers,
            *own.handlers,
            *devices.handlers,
            *own_data.handlers,
        ],
        include_in_schema=False,
    )
]
