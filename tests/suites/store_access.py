"""What every store does with accounts and sessions of the console."""

from dataclasses import replace
from datetime import timedelta

import pytest

from broadcaster.domain.access import IDLE, LONGEST, Account, Login
from broadcaster.errors import StoreError
from broadcaster.ports import Store
from broadcaster.units import digest
from tests.suites.store_values import NOW

HOUR = timedelta(hours=1)
HOA = Account("tu_phap", "băm", admin=False, active=True, at=NOW)
CHANGED = Account("tu_phap", "khác", admin=False, active=False, at=NOW)
TOKEN = digest("thẻ")


class AccessSuite:
    """Behaviour of the port `Store`: the console's part."""

    def test_nobody_has_an_account_at_first(self, store: Store) -> None:
        assert not store.accounts()
        assert store.login(TOKEN) is None
        assert not store.logins("tu_phap")

    def test_the_first_account_is_the_first_one_only(self, store: Store) -> None:
        store.add_first_account(replace(HOA, admin=True))
        with pytest.raises(StoreError) as caught:
            store.add_first_account(replace(HOA, code="ke_gian", admin=True))
        assert caught.value.code == "store.has_accounts"
        assert [account.code for account in store.accounts()] == ["tu_phap"]

    def test_an_account_comes_back_equal_and_can_be_changed(self, store: Store) -> None:
        store.save_account(HOA)
        store.save_account(replace(HOA, code="a_truoc"))
        store.save_account(CHANGED)
        assert store.accounts() == [replace(HOA, code="a_truoc"), CHANGED]

    def test_a_session_lives_until_it_is_ended_and_stays_ended(self, store: Store) -> None:
        store.save_account(HOA)
        login = Login(TOKEN, "tu_phap", NOW, NOW, browser="Điện thoại")
        store.open_login(login)
        assert store.login(TOKEN) == login
        store.see_login(TOKEN, NOW + HOUR)
        store.see_login(TOKEN, NOW)  # a late writer does not turn the clock back
        assert store.login(TOKEN) == replace(login, seen=NOW + HOUR)
        store.end_login(TOKEN, NOW + HOUR)
        store.end_login(TOKEN, NOW + 2 * HOUR)
        store.see_login(TOKEN, NOW + 2 * HOUR)
        assert store.login(TOKEN) == replace(login, seen=NOW + HOUR, ended=NOW + HOUR)

    def test_all_sessions_of_an_account_end_at_once_and_no_others(self, store: Store) -> None:
        store.save_account(HOA)
        store.save_account(replace(HOA, code="khac"))
        for number, owner in enumerate(("tu_phap", "tu_phap", "khac")):
            store.open_login(Login(digest(number), owner, NOW + number * HOUR, NOW + number * HOUR))
        assert store.end_logins("tu_phap", NOW + 3 * HOUR) == 2
        assert store.end_logins("tu_phap", NOW + 4 * HOUR) == 0
        assert [login.ended for login in store.logins("tu_phap")] == [NOW + 3 * HOUR] * 2
        assert [login.ended for login in store.logins("khac")] == [None]

    def test_a_session_is_over_when_idle_or_old(self, store: Store) -> None:
        del store
        login = Login(TOKEN, "tu_phap", NOW, NOW)
        assert login.open_at(NOW + IDLE)
        assert not login.open_at(NOW + IDLE + timedelta(seconds=1))
        busy = replace(login, seen=NOW + LONGEST)
        assert busy.open_at(NOW + LONGEST)
        assert not busy.open_at(NOW + LONGEST + timedelta(seconds=1))
        assert not replace(login, ended=NOW).open_at(NOW)
