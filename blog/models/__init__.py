"""Models of the magazine."""

from blog.models.change import Change, ChangedPost, ContentVersion
from blog.models.image import Image
from blog.models.intake import ApiToken, Manuscript
from blog.models.outbox import Notice
from blog.models.post import Byline, Post
from blog.models.revision import Draft, Revision
from blog.models.search import MissedSearch, SearchPart, Synonym
from blog.models.similarity import Similarity
from blog.models.site import Address, Page, SiteSettings
from blog.models.taxonomy import TERMS, Alias, Author, Category, Collection, Tag, TaggedPost
from blog.models.term import Term

__all__ = [
    "TERMS",
    "Address",
    "Alias",
    "ApiToken",
    "Author",
    "Byline",
    "Category",
    "Change",
    "ChangedPost",
    "Collection",
    "ContentVersion",
    "Draft",
    "Image",
    "Manuscript",
    "MissedSearch",
    "Notice",
    "Page",
    "Post",
    "Revision",
    "SearchPart",
    "Similarity",
    "SiteSettings",
    "Synonym",
    "Tag",
    "TaggedPost",
    "Term",
]
