"""What a form says is said by the house: no sentence of the framework, in Chinese or in English, comes through."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import get_default_password_validators
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, trans_real

from accounts.models import User
from core.fields import plain, storable
from tests.pages import form_classes

pytestmark = pytest.mark.django_db
HOSTILE: tuple[Any, ...] = (
    "",
    "\x00",
    "长" * 30_000,
    "9" * 60,
    "-1",
    "0.123456",
    "1e400",
    "无此项",
    ["无", "此"],
    "2026-13-45",
)


def framework_sentences() -> set[str]:
    """Every sentence of Django's catalog, and what it is a translation of, as patterns."""
    catalog = trans_real.translation(settings.LANGUAGE_CODE)._catalog  # type: ignore[attr-defined]
    found = set()
    for key in list(catalog.keys()):
        original = key[0] if isinstance(key, tuple) else key
        for text in (original, catalog.get(key)):
            if isinstance(text, str) and len(text) > 5:
                found.add(re.sub(r"%\(\w+\)[sd]", "%", text))
    return found


FRAMEWORK = framework_sentences()


def from_framework(text: str) -> bool:
    return re.sub(r"%\(\w+\)[sd]|\d+", "%", text) in FRAMEWORK or not re.search("[\u4e00-\u9fff]", text)


def all_fields() -> list[tuple[str, str, forms.Field]]:
    return [
        (form.__name__, name, field)
        for form in form_classes()
        for name, field in getattr(form, "base_fields", {}).items()
    ]


def test_a_control_character_is_said_once() -> None:
    field = forms.CharField(validators=[storable, plain])
    for text in ("甲\x00乙", "甲\x01乙"):
        with pytest.raises(ValidationError) as caught:
            field.clean(text)
        assert len(caught.value.messages) == 1 and "控制字符" in caught.value.messages[0]


def test_the_framework_s_sentences_are_known() -> None:
    assert len(FRAMEWORK) > 100
    assert from_framework("This field is required.") and from_framework(gettext("This field is required."))


def test_no_field_of_any_form_answers_in_the_framework_s_words() -> None:
    wrong = set()
    for form, name, field in all_fields():
        for value in HOSTILE:
            try:
                field.clean(value)
            except ValidationError as error:
                wrong |= {(form, name, text) for text in error.messages if from_framework(text)}
            except (TypeError, AttributeError, NotImplementedError):
                # A file field takes no text, and no browser's form gives a list for one text.
                assert isinstance(field, forms.FileField) or not isinstance(value, str), (form, name, value)
    assert wrong == set()
    assert len(all_fields()) > 40


@pytest.mark.parametrize(
    "field",
    [forms.CharField(max_length=3), forms.IntegerField(max_value=3), forms.DecimalField(max_digits=3, decimal_places=1),
     forms.EmailField(), forms.URLField(assume_scheme="https"), forms.FileField(),
     forms.ChoiceField(choices=[("a", "b")]),
     forms.MultipleChoiceField(choices=[("a", "b")]), forms.TypedChoiceField(choices=[("a", "b")]),
     forms.ModelChoiceField(User.objects.none()), forms.ModelMultipleChoiceField(User.objects.none()),
     forms.SlugField(), forms.RegexField("a"), forms.UUIDField(), forms.JSONField(), forms.DateField(),
     forms.TimeField(), forms.DateTimeField(), forms.FloatField(), forms.DurationField()],
    ids=lambda field: type(field).__name__,
)  # fmt: skip
def test_a_field_to_come_answers_in_the_house_s_words(field: forms.Field) -> None:
    said = []
    several = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
    for value in HOSTILE:
        try:
            field.clean([value] if several and isinstance(value, str) else value)
        except ValidationError as error:
            said += error.messages
        except AttributeError:
            assert isinstance(value, list)  # a list for a text: no browser's form gives one
    assert said and [text for text in said if from_framework(text)] == []


@pytest.mark.parametrize("password", ["", "a", "password123", "1234567890", "Shan-Shui"])
def test_passwords_are_refused_in_the_house_s_words(password: str) -> None:
    said = []
    for validator in get_default_password_validators():
        try:
            validator.validate(password, User(username="lixiaomei", name="李晓梅"))
        except ValidationError as error:
            said += error.messages
    assert said and [text for text in said if from_framework(text)] == []


@pytest.mark.parametrize(
    "bad", ["李\x07梅", "李\u202e梅", "李\u200b梅", "<b>李", "李>", "李\u2066梅", "李\n梅", "李\x00"]
)
def test_a_name_shows_what_it_is(bad: str) -> None:
    with pytest.raises(ValidationError):
        plain(bad)
    named = {("PersonForm", "name"), ("PersonForm", "employer"), ("TaskForm", "title"), ("ArticleForm", "title"),
             ("RuleForm", "title"), ("RuleForm", "document_number"), ("DraftForm", "title")}  # fmt: skip
    found = {(form, name): field for form, name, field in all_fields()}
    for key in named:
        with pytest.raises(ValidationError):
            found[key].run_validators(bad)


@pytest.mark.parametrize("good", ["李晓梅", "买买提·吐尔逊", "O’Brien", "云泽县第三中学（二期）—《采购》公告", "𠮷田"])
def test_a_plain_name_is_taken(good: str) -> None:
    plain(good)
