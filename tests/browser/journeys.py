"""Which browser test sends each form of the desk with JavaScript off.

``tests/test_journeys.py`` demands a line for each route that takes a form; ``open_page`` demands of each test named
here that it really sent the form. Knows no step of a journey.
"""

#: Endpoint that takes a form -> name of the test, in this folder, that runs with and without a script.
JOURNEYS: dict[str, str] = {
    "security.login": "test_a_person_finds_edits_corrects_and_saves",
    "security.logout": "test_another_sign_in_is_ended_from_the_account",
    "security.verify": "test_the_password_is_asked_for_once_more_and_leads_back",
    "access.send_code": "test_a_second_factor_is_set_up_used_and_switched_off",
    "access.send_recovery_code": "test_a_second_factor_is_set_up_used_and_switched_off",
    "access.set_up_second_factor": "test_a_second_factor_is_set_up_used_and_switched_off",
    "access.renew_recovery_codes": "test_a_second_factor_is_set_up_used_and_switched_off",
    "access.switch_second_factor_off": "test_a_second_factor_is_set_up_used_and_switched_off",
    "access.change_password": "test_a_password_is_changed_and_other_sign_ins_end",
    "access.end_session": "test_another_sign_in_is_ended_from_the_account",
    "access.end_other_sessions": "test_another_sign_in_is_ended_from_the_account",
    "access.save_preferences": "test_another_sign_in_is_ended_from_the_account",
    "access.switch_environment": "test_a_form_of_production_is_not_saved_into_the_sandbox",
    "access.create_invite": "test_somebody_is_invited_joins_and_is_disabled",
    "access.accept_invite": "test_somebody_is_invited_joins_and_is_disabled",
    "access.change_role": "test_somebody_is_invited_joins_and_is_disabled",
    "access.withdraw_invite": "test_somebody_gets_back_in_and_an_invitation_is_withdrawn",
    "access.perform_act": "test_somebody_gets_back_in_and_an_invitation_is_withdrawn",
    "access.create_api_key": "test_an_api_key_is_created_rolled_and_revoked",
    "access.roll_api_key": "test_an_api_key_is_created_rolled_and_revoked",
    "access.revoke_api_key": "test_an_api_key_is_created_rolled_and_revoked",
    "customers.save_view": "test_a_person_finds_filters_sorts_and_keeps_the_list",
    "customers.delete_view": "test_a_person_finds_filters_sorts_and_keeps_the_list",
    "customers.create": "test_a_person_creates_a_customer_that_looks_like_another",
    "customers.new_rows": "test_a_person_creates_a_customer_that_looks_like_another",
    "customers.new_address": "test_a_person_creates_a_customer_that_looks_like_another",
    "customers.save": "test_a_person_finds_edits_corrects_and_saves",
    "customers.edit_rows": "test_a_person_finds_edits_corrects_and_saves",
    "customers.edit_address": "test_the_country_drives_the_address",
    "customers.archive_customer": "test_a_family_is_archived_from_below_and_restored_from_above",
    "customers.restore_customer": "test_a_family_is_archived_from_below_and_restored_from_above",
    "customers.erase_customer": "test_a_customer_is_exported_and_erased",
    "customers.revert": "test_an_old_change_is_found_and_undone_in_part",
}
#: These are asked for by a script alone, and write nothing.
OF_A_SCRIPT = frozenset({"customers.check_field", "customers.check_new"})
