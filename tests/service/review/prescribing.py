"""The form that prescribes: where it is, and a first plan filled into it."""

FORM = {
    "version": "0",
    "starts_on": "2026-03-10",
    "note": "Slowly at first",
    "item_glu-bridge-double": "on",
    "sets_glu-bridge-double": "2",
    "reps_glu-bridge-double": "10",
    "hold_s_glu-bridge-double": "3",
    "side_glu-bridge-double": "both",
    "cadence_glu-bridge-double": "weekdays-21",
    "item_ham-strap": "on",
    "sets_ham-strap": "1",
    "reps_ham-strap": "3",
    "hold_s_ham-strap": "30",
    "side_ham-strap": "right",
    "cadence_ham-strap": "times-5",
    "habit_hab-hang-hip": "on",
    "remind_check_in": "on",
    "remind_at_check_in": "08:30",
    "remind_by_check_in": "sms",
    "remind_at_plan": "19:00",
    "remind_by_plan": "email",
}
PLAN = "/clients/MARIA/plan/new"
