"""Who may call what of the API: the rows under `/v1` of the table in `table`, by hand."""

from typing import Final

API: Final = {
    "owner": """
        GET /v1/settings
        PATCH /v1/settings
        GET /v1/settings/limits
        PATCH /v1/settings/limits
    """,
    "owner therapist": """
        GET /v1/bulk-messages/recipients
        DELETE /v1/bulk-messages/{bulk_id}
        PUT /v1/bulk-messages/{bulk_id}
        GET /v1/caseload
        POST /v1/caseload/{client_id}/done
        POST /v1/caseload/{client_id}/seen
        POST /v1/caseload/{client_id}/snooze
        GET /v1/clients/{client_id}/contexts
        PUT /v1/clients/{client_id}/contexts
        PUT /v1/clients/{client_id}/habit-links
        POST /v1/clients/{client_id}/helpers/{helper_id}/link
        GET /v1/clients/{client_id}/invitations
        DELETE /v1/clients/{client_id}/invitations/{invitation_id}
        PUT /v1/clients/{client_id}/invitations/{invitation_id}
        DELETE /v1/clients/{client_id}/monitoring
        GET /v1/clients/{client_id}/monitoring
        POST /v1/clients/{client_id}/monitoring
        DELETE /v1/clients/{client_id}/monitoring/times/{time_id}
        PUT /v1/clients/{client_id}/monitoring/times/{time_id}
        DELETE /v1/clients/{client_id}/next-visit
        PUT /v1/clients/{client_id}/next-visit
        GET /v1/clients/{client_id}/patterns
        POST /v1/clients/{client_id}/plan
        PUT /v1/clients/{client_id}/plan
        GET /v1/clients/{client_id}/plan/draft
        POST /v1/clients/{client_id}/plan/end
        POST /v1/clients/{client_id}/plan/pauses
        GET /v1/clients/{client_id}/plan/programme
        POST /v1/clients/{client_id}/plan/resume
        POST /v1/clients/{client_id}/red-flags/{flag_id}/close
        PUT /v1/clients/{client_id}/reminders/{kind}
        GET /v1/clients/{client_id}/summary
        GET /v1/clients/{client_id}/timeline
        DELETE /v1/clients/{client_id}/treatments/{treatment_id}
        PUT /v1/clients/{client_id}/treatments/{treatment_id}
        PUT /v1/clients/{client_id}/visits/{day}
        DELETE /v1/clients/{client_id}/visits/{visit_id}
        DELETE /v1/digest
        GET /v1/digest
        PUT /v1/digest
        POST /v1/exercises
        DELETE /v1/exercises/{code}/media/{kind}
        PUT /v1/exercises/{code}/media/{kind}
        POST /v1/habits
        GET /v1/plan-templates
        POST /v1/plan-templates
        DELETE /v1/plan-templates/{template_id}
        PATCH /v1/plan-templates/{template_id}
    """,
    "owner therapist front_desk": """
        GET /v1/catalogue/{kind}
        GET /v1/clients
        POST /v1/clients
        PUT /v1/clients/{client_id}/addresses/{channel}
        POST /v1/clients/{client_id}/addresses/{channel}/try-again
    """,
    "owner therapist client": """
        GET /v1/clients/{client_id}/diary
        GET /v1/clients/{client_id}/diary/{kind}/{entry_id}/revisions
        DELETE /v1/clients/{client_id}/fixes/{plan_fix_id}/days/{day}
        PUT /v1/clients/{client_id}/fixes/{plan_fix_id}/days/{day}
        PUT /v1/clients/{client_id}/habits/{plan_habit_id}/days/{day}
        GET /v1/clients/{client_id}/helpers
        DELETE /v1/clients/{client_id}/helpers/{helper_id}
        PUT /v1/clients/{client_id}/helpers/{helper_id}
        GET /v1/clients/{client_id}/intakes
        PUT /v1/clients/{client_id}/intakes/{intake_id}
        GET /v1/clients/{client_id}/ledger
        GET /v1/clients/{client_id}/ledger/{day}
        GET /v1/clients/{client_id}/messages
        POST /v1/clients/{client_id}/messages
        POST /v1/clients/{client_id}/messages/read
        PUT /v1/clients/{client_id}/mornings/{day}
        PUT /v1/clients/{client_id}/pain-entries/{entry_id}
        GET /v1/clients/{client_id}/plan
        GET /v1/clients/{client_id}/plan/versions
        GET /v1/clients/{client_id}/progress
        PUT /v1/clients/{client_id}/red-flag-answers/{screen_id}
        GET /v1/clients/{client_id}/red-flag-questions
        GET /v1/clients/{client_id}/red-flags
        GET /v1/clients/{client_id}/reminders
        PUT /v1/clients/{client_id}/sessions/{entry_id}
        PUT /v1/clients/{client_id}/urgency/{answer_id}
        GET /v1/clients/{client_id}/visits
    """,
    "owner therapist front_desk client": """
        GET /v1/clients/{client_id}
        GET /v1/exercises
        GET /v1/habits
        POST /v1/sign-out
    """,
    "owner therapist front_desk client nobody": """
        GET /v1/openapi
        GET /v1/openapi.json
        GET /v1/openapi/openapi.json
        GET /v1/openapi/{path}
        POST /v1/sign-in
        POST /v1/sign-in/code
        POST /v1/sign-in/code/check
        POST /v1/sign-in/second-step
    """,
}
