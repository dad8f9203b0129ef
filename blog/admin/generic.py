"""Generic versions of Django's classes, subscriptable at run time too: `ModelAdmin[Page]`.

django-stubs declares these classes as generic, but Django does not support the brackets at run time. (The stubs' own
solution, a monkeypatch at start-up, would be one more package needed in production.)
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, TabularInline
    from django.contrib.auth.admin import UserAdmin
    from django.forms import BaseInlineFormSet, ModelChoiceField, ModelForm
else:
    from django import forms
    from django.contrib import admin
    from django.contrib.auth import admin as auth

    class _Subscriptable:
        def __class_getitem__(cls, parameters):
            return cls

    class ModelAdmin(_Subscriptable, admin.ModelAdmin): ...

    class TabularInline(_Subscriptable, admin.TabularInline): ...

    class UserAdmin(_Subscriptable, auth.UserAdmin): ...

    class BaseInlineFormSet(_Subscriptable, forms.BaseInlineFormSet): ...

    class ModelChoiceField(_Subscriptable, forms.ModelChoiceField): ...

    class ModelForm(_Subscriptable, forms.ModelForm): ...


__all__ = ["BaseInlineFormSet", "ModelAdmin", "ModelChoiceField", "ModelForm", "TabularInline", "UserAdmin"]
