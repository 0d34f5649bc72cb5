"""Addresses of people and login, below /staff/."""

from django.urls import path

from accounts.views import duties, locks, login, own, people, setup, trust

urlpatterns = [
    path("login/", login.login_page, name="staff_login"),
    path("login/code/", login.code_page, name="staff_code"),
    path("logout/", login.logout_page, name="staff_logout"),
    path("setup/", setup.setup, name="staff_setup"),
    path("trust/", trust.trust, name="staff_trust"),
    path("trust/authority.crt", trust.authority, name="staff_trust_authority"),
    path("account/", own.account, name="staff_account"),
    path("account/sessions/", own.session_list, name="staff_sessions"),
    path("account/password/", own.password, name="staff_password"),
    path("account/factor/", own.factor, name="staff_factor"),
    path("account/factor/begin/", own.factor_begin, name="staff_factor_begin"),
    path("account/factor/confirm/", own.factor_confirm, name="staff_factor_confirm"),
    path("account/factor/codes/", own.recovery_codes, name="staff_recovery_codes"),
    path("people/", people.people_list, name="staff_people"),
    path("people/new/", people.person_create, name="staff_person_create"),
    path("people/locks/", locks.lock_list, name="staff_locks"),
    path("people/<int:pk>/", people.person_detail, name="staff_person"),
    *(path(f"people/<int:pk>/{name}/", people.person_act(name), name=f"staff_person_{name}") for name in people.ACTS),
    path("duties/", duties.duty_list, name="staff_duties"),
    path("duties/give/", duties.duty_give, name="staff_duty_give"),
    path("duties/<int:pk>/end/", duties.duty_end, name="staff_duty_end"),
    path("delegations/", duties.delegation_list, name="staff_delegations"),
    path("delegations/new/", duties.delegate, name="staff_delegate"),
    path("delegations/<int:pk>/end/", duties.delegation_end, name="staff_delegation_end"),
]
