"""The public reading interface: announcements as JSON, over the same query and selectors as the pages."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import BusinessError
from portal.context import origin
from tenders.models import Announcement
from tenders.queries import LONGEST_QUERY, AnnouncementQuery
from tenders.selectors import announcement_get, announcement_page, attachments_of


def announcement_address(request: Any, pk: int) -> str:
    """The absolute address of an announcement's page."""
    return origin(request) + reverse("portal:announcement", args=[pk])


class RefusalSerializer(serializers.Serializer[Any]):
    """An error: a sentence, and a code for programs."""

    message = serializers.CharField()
    code = serializers.CharField()


class AnnouncementRowSerializer(serializers.Serializer[Announcement]):
    """One row of the list."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    category = serializers.CharField(source="category_id")
    type = serializers.CharField(source="type_id")
    published = serializers.DateTimeField(source="published_at")
    region = serializers.CharField(source="region_id", allow_null=True)
    project_code = serializers.CharField()
    purchaser = serializers.CharField()
    url = serializers.SerializerMethodField()

    def get_url(self, row: Announcement) -> str:
        return announcement_address(self.context["request"], row.pk)


class AttachmentSerializer(serializers.Serializer[Any]):
    """A file of an announcement."""

    name = serializers.CharField()
    size = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField()
    url = serializers.CharField()


class AnnouncementSerializer(AnnouncementRowSerializer):
    """One announcement with its text and facts."""

    unified_deal_code = serializers.CharField()
    agency = serializers.CharField()
    supplier = serializers.CharField()
    place = serializers.CharField()
    deadline = serializers.DateTimeField(allow_null=True)
    budget_yuan = serializers.DecimalField(source="budget", max_digits=18, decimal_places=2, allow_null=True)
    source_name = serializers.CharField()
    source_page = serializers.CharField()
    sha256 = serializers.CharField()
    text = serializers.CharField()
    fields_as_published = serializers.SerializerMethodField()
    attachments = serializers.SerializerMethodField()

    def get_fields_as_published(self, row: Announcement) -> Any:
        return row.content["fields"]

    @extend_schema(responses=AttachmentSerializer(many=True))
    def get_attachments(self, row: Announcement) -> list[dict[str, Any]]:
        return list(AttachmentSerializer(attachments_of(row), many=True).data)


class AnnouncementPageSerializer(serializers.Serializer[Any]):
    """A page of the list: rows, and the address of the next page or null."""

    results = AnnouncementRowSerializer(many=True)
    next = serializers.CharField(allow_null=True)


REFUSED = OpenApiResponse(RefusalSerializer, "查询条件无法使用：日期、排序、翻页位置或文字")
MISSING = OpenApiResponse(RefusalSerializer, "没有这个公告")
_TEXT = {"type": "string", "maxLength": LONGEST_QUERY}
PARAMETERS = [
    OpenApiParameter("q", _TEXT, description="查找的词；多个词以空格分开，引号内为整句"),
    OpenApiParameter("category", _TEXT, description="交易类别，如 政府采购"),
    OpenApiParameter("type", _TEXT, description="公告类型，如 公开招标公告"),
    OpenApiParameter("region", _TEXT, description="地区"),
    OpenApiParameter("since", {"type": "string", "format": "date"}, description="自这一天起（含），北京时间"),
    OpenApiParameter("until", {"type": "string", "format": "date"}, description="至这一天止（含），北京时间"),
    OpenApiParameter("sort", {"type": "string", "enum": ["time", "relevance"]}, description="按时间或相关度"),
    OpenApiParameter("after", {"type": "string"}, description="翻页位置，取自上一页的 next"),
]


class AnnouncementListView(APIView):
    """The list."""

    @extend_schema(
        operation_id="announcements_list",
        summary="公告列表",
        parameters=PARAMETERS,
        responses={200: AnnouncementPageSerializer, 400: REFUSED},
    )
    def get(self, request: Request) -> Response:
        query = AnnouncementQuery.parse(request.query_params)
        page = announcement_page(query, now=timezone.now(), count=False)
        rows = AnnouncementRowSerializer(page.rows, many=True, context={"request": request}).data
        following = f"{origin(request)}{request.path}?{query.urlencode(after=page.next)}" if page.next else None
        return Response({"results": rows, "next": following})


class AnnouncementDetailView(APIView):
    """One announcement."""

    @extend_schema(
        operation_id="announcements_retrieve",
        summary="一条公告",
        responses={200: AnnouncementSerializer, 404: MISSING},
    )
    def get(self, request: Request, pk: int) -> Response:
        try:
            announcement = announcement_get(pk)
        except Announcement.DoesNotExist as error:
            raise NotFound from error
        return Response(AnnouncementSerializer(announcement, context={"request": request}).data)


_SENTENCES = {
    404: "没有这个公告，请检查地址中的编号。",
    405: "此接口只供读取，请使用 GET。",
    406: "此接口只提供 JSON。",
}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal as ``{"message", "code"}``; anything that is no refusal stays a 500."""
    if isinstance(error, BusinessError):
        return Response({"message": error.message, "code": error.code}, status=400)
    if isinstance(error, Http404):
        error = NotFound()
    if not isinstance(error, APIException):
        return None
    message = _SENTENCES.get(error.status_code, "请求无法处理，请检查后重试。")
    return Response({"message": message, "code": error.default_code}, status=error.status_code)


def without_internal_notes(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Schema hook: our docstrings are for programmers of the house, in English; the public gets the Chinese ones."""
    for component in result.get("components", {}).get("schemas", {}).values():
        component.pop("description", None)
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            operation["description"] = operation.get("summary", "")
    return result
