"""Generic versions of Django's classes, subscriptable at run time too: `ModelAdmin[Page]`.

The stubs make these classes generic; Django itself refuses the brackets. (The stubs' remedy, a monkeypatch at the
start of the site, would be one more package that has to run everywhere.)
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
