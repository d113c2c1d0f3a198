"""Who may call what: every route of the application stands here once, or the tests fail.

`service.accounts.rules.RIGHTS` says which role has which right; this says, by hand, which roles come of it for each
route. Whose things they are is a second question: a therapist has own clients, a client is one, and nothing reaches
another clinic. The rows of the API are in `table_of_api`.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Final

from tests.trust.table_of_api import API

ROLES: Final = ("owner", "therapist", "front_desk", "client")

_PAGES: Final = {
    "owner": """
        GET /clients/{client_id}/record
        POST /clients/{client_id}/record/erase
        POST /clients/{client_id}/record/file
        GET /setup
        GET /tokens
        POST /tokens
        POST /tokens/{token_id}/revoke
        GET /team
        GET /team/{staff_id}
        GET /wording
        GET /wording/of/{kind}
        GET /wording/ready
        POST /setup
        POST /setup/live
        POST /setup/step
        POST /setup/test
        POST /team
        POST /team/{staff_id}/end
        POST /team/{staff_id}/factors
        POST /team/{staff_id}/invite
        POST /team/{staff_id}/role
        POST /wording
        POST /wording/of/{kind}
        POST /wording/ready
        GET /settings
        POST /settings
        GET /settings/limits
        POST /settings/limits
    """,
    "owner therapist": """
        GET /bulk
        POST /bulk
        POST /bulk/undo
        GET /caseload
        GET /caseload/live
        POST /caseload/{client_id}/done
        POST /caseload/{client_id}/seen
        POST /caseload/{client_id}/snooze
        GET /clients/{client_id}
        POST /clients/{client_id}/contacts/{channel}
        POST /clients/{client_id}/contexts
        POST /clients/{client_id}/diary
        POST /clients/{client_id}/helpers
        POST /clients/{client_id}/helpers/{helper_id}/end
        POST /clients/{client_id}/helpers/{helper_id}/send
        GET /clients/{client_id}/intake
        POST /clients/{client_id}/intake
        POST /clients/{client_id}/invites
        POST /clients/{client_id}/invites/{invitation_id}/withdraw
        POST /clients/{client_id}/links
        POST /clients/{client_id}/next-visit
        POST /clients/{client_id}/messages
        POST /clients/{client_id}/messages/read
        GET /clients/{client_id}/monitoring
        GET /clients/{client_id}/monitoring.pdf
        POST /clients/{client_id}/monitoring/{what}
        GET /clients/{client_id}/plan.pdf
        GET /clients/{client_id}/plan/draft
        POST /clients/{client_id}/plan/draft
        POST /clients/{client_id}/plan/end
        GET /clients/{client_id}/plan/new
        POST /clients/{client_id}/plan/new
        POST /clients/{client_id}/plan/pause
        POST /clients/{client_id}/plan/picked
        POST /clients/{client_id}/plan/preview
        POST /clients/{client_id}/plan/resume
        GET /clients/{client_id}/plan/start
        POST /clients/{client_id}/plan/template
        GET /clients/{client_id}/plan/versions
        POST /clients/{client_id}/red-flags
        GET /clients/{client_id}/summary
        GET /clients/{client_id}/summary.pdf
        POST /clients/{client_id}/treatments
        POST /clients/{client_id}/treatments/{treatment_id}/remove
        POST /clients/{client_id}/visits
        POST /clients/{client_id}/visits/{visit_id}/remove
        GET /clients/{client_id}/why
        GET /digest
        POST /digest
        POST /digest/stop
        GET /exercises
        GET /exercises/new
        POST /exercises/new
        GET /exercises/{exercise_id}
        POST /exercises/{exercise_id}
        POST /exercises/{exercise_id}/hidden
        POST /exercises/{exercise_id}/{kind}
        POST /exercises/{exercise_id}/{kind}/remove
        GET /habits
        GET /habits/new
        POST /habits/new
        GET /habits/{habit_id}
        POST /habits/{habit_id}
        POST /habits/{habit_id}/hidden
        GET /templates
        POST /templates/{template_id}
        POST /templates/{template_id}/copy
        POST /templates/{template_id}/remove
        GET /texts
        POST /texts/{text_id}/seen
    """,
    "owner therapist front_desk": """
        GET /clients/new
        POST /clients/new
        GET /security
        GET /security/app
        POST /security/app
        POST /security/codes
        POST /security/factors/{factor_id}/name
        POST /security/factors/{factor_id}/remove
        POST /security/passkey
        POST /security/sessions/others
        POST /security/sessions/{session_id}
        GET /staff
        POST /staff/sign-out
    """,
    "client": """
        GET /devices
        POST /devices/helpers
        POST /devices/helpers/{helper_id}/end
        POST /devices/others
        POST /devices/{session_id}
        GET /help
        GET /my-data
        POST /my-data/file
        POST /my-data/forget
        POST /my-data/keep
        GET /on-hold
        GET /plan
        GET /plan.pdf
        GET /questions
        POST /questions
        GET /reminders
        POST /reminders/of/{kind}
        POST /reminders/of/{kind}/text
        POST /reminders/pause
        POST /reminders/quiet
        POST /reminders/reach
        POST /reminders/start
        POST /reminders/stop
        GET /today
        POST /today/fixes/{plan_fix_id}
        POST /today/habits/{plan_habit_id}
        GET /today/intake
        POST /today/intake
        GET /today/me
        POST /today/messages
        POST /today/messages/read
        POST /today/morning
        GET /today/moves
        POST /today/moves
        GET /today/moves/felt
        POST /today/moves/felt
        POST /today/pain
        POST /today/session
        POST /today/session/felt
        POST /today/undo
        POST /today/urgency
        GET /today/why
        GET /week
        POST /week/aim
    """,
    "owner therapist front_desk client": """
        GET /
        GET /media/{name}
        POST /sign-out
    """,
    "owner therapist front_desk client nobody": """
        GET /dev/inbox
        GET /dev/inbox/messages
        POST /dev/inbox/reply
        GET /docs/api
        GET /health
        GET /manifest.webmanifest
        GET /offline
        GET /pictures/{name}
        GET /r/{token}
        POST /r/{token}
        GET /sign-in
        POST /sign-in
        GET /sign-in/code
        POST /sign-in/code
        GET /staff/sign-in
        POST /staff/sign-in
        GET /staff/sign-in/by-mail
        POST /staff/sign-in/by-mail
        POST /staff/sign-in/passkey
        GET /staff/sign-in/second-step
        POST /staff/sign-in/second-step
        GET /static/{path}
        GET /sw.js
    """,
    # Whoever knows a secret of its own, which nobody here does: a provider's signature, a key in a link.
    "": """
        GET /staff/join/{token}
        POST /staff/join/{token}
        GET /staff/sign-in/by-mail/{token}
        POST /staff/sign-in/by-mail/{token}
        GET /dev/enter/{clinic_id}/{staff_id}/{token}
        POST /dev/enter/{clinic_id}/{staff_id}/{token}
        POST /hooks/mail/postmark
        POST /hooks/mail/{clinic_id}
        POST /hooks/sms/inbound
        POST /hooks/sms/{clinic_id}/{attempt_id}
    """,
}
ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    " ".join(row.split()): frozenset(who.split())
    for who, rows in chain(_PAGES.items(), API.items())
    for row in rows.strip().splitlines()
}
ENDLESS: Final = "GET /caseload/live"
"""Answers as long as somebody listens: asked here only by those who are refused."""
OF_THE_CLINIC: Final = frozenset({"template_id", "exercise_id", "habit_id", "code", "name", "staff_id", "token_id"})
"""What belongs to a clinic and to none of its clients: everybody there who may call a route may call it for these."""
