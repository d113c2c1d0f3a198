"""Every page with a made-up view, by the name of its picture: its template and that view."""

from tests.samples_caseload import caseload_pages
from tests.samples_client import client_record_pages
from tests.samples_clinic import clinic_pages
from tests.samples_intake import intake_pages, own_intake_pages
from tests.samples_joining import joining_pages, own_joining_pages
from tests.samples_library import library_pages
from tests.samples_messages import message_pages
from tests.samples_moves import moves_pages
from tests.samples_own import own_pages
from tests.samples_people import own_people_pages, people_pages
from tests.samples_security import security_pages
from tests.samples_stack import stack_pages
from tests.samples_starting import starting_pages
from tests.samples_states import state_pages
from tests.samples_today import client_pages
from tests.samples_tools import tool_pages
from tests.samples_why import own_why_pages, why_pages

CLIENT_PAGES = {
    **client_pages(),
    **moves_pages(),
    **state_pages(),
    **own_people_pages(),
    **own_why_pages(),
    **own_intake_pages(),
    **own_pages(),
    **own_joining_pages(),
}
STAFF_PAGES = {
    **caseload_pages(),
    **client_record_pages(),
    **tool_pages(),
    **people_pages(),
    **why_pages(),
    **intake_pages(),
    **starting_pages(),
    **library_pages(),
    **clinic_pages(),
    **security_pages(),
    **joining_pages(),
    **message_pages(),
    **stack_pages(),
}
PAGES = {**CLIENT_PAGES, **STAFF_PAGES}
