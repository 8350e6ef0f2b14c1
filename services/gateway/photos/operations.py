"""What can be asked of photos."""

from __future__ import annotations

from services.gateway.operation import ANYBODY, EVERY_ROLE, Operation
from services.gateway.photos import schemas
from services.gateway.photos.bodies import MULTIPART
from services.gateway.photos.formats import KINDS

OF_PHOTOS = ("unsupported-media-type", "unusable-photo")
"""Problems that a photo brings with it."""
PIECES = "application/offset+octet-stream"
"""Media type of a piece of an upload, by tus."""

SEND_PHOTO = Operation(
    id="sendPhoto",
    method="POST",
    path="/api/v1/photos",
    summary="上传照片 · Send a photo before the report that names it; the same bytes are the same",
    roles=EVERY_ROLE,
    body=schemas.PhotoForm,
    bodies=dict.fromkeys(KINDS, schemas.BINARY),
    consumes=(MULTIPART, *KINDS),
    answer=schemas.Photo,
    status=201,
    answer_headers=("Location",),
    limit="uploads",
    problems=("malformed", "too-slow", *OF_PHOTOS),
)
SHOW_PHOTO = Operation(
    id="showPhoto",
    method="GET",
    path="/api/v1/photos/<photo>",
    summary="查看照片 · A photo you sent, or of a case within your reach",
    roles=EVERY_ROLE,
    produces=("image/jpeg",),
    optional_headers=("If-None-Match",),
    answer_headers=("ETag",),
    also={304: "It is the one you have"},
    limit="reads",
    problems=("not-found",),
)
SHOW_THUMBNAIL = Operation(
    id="showThumbnail",
    method="GET",
    path="/api/v1/photos/<photo>/thumbnail",
    summary="缩略图 · The same photo, small",
    roles=EVERY_ROLE,
    produces=("image/jpeg",),
    optional_headers=("If-None-Match",),
    answer_headers=("ETag",),
    also={304: "It is the one you have"},
    limit="reads",
    problems=("not-found",),
)
UPLOAD_OPTIONS = Operation(
    id="uploadOptions",
    method="OPTIONS",
    path="/api/v1/photos/uploads",
    summary="断点续传的能力 · What of tus 1.0.0 is understood here",
    roles=ANYBODY,
    status=204,
    answer_headers=("Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm"),
)
BEGIN_UPLOAD = Operation(
    id="beginUpload",
    method="POST",
    path="/api/v1/photos/uploads",
    summary="开始断点续传 · Begin an upload that survives bad networks (tus 1.0.0)",
    roles=EVERY_ROLE,
    headers=("Upload-Length",),
    optional_headers=("Tus-Resumable", "Upload-Metadata"),
    status=201,
    answer_headers=("Location", "Tus-Resumable", "Upload-Offset", "Upload-Expires"),
    limit="uploads",
    problems=("missing-header", "malformed", "too-large", "precondition-failed"),
)
READ_UPLOAD = Operation(
    id="readUpload",
    method="GET",
    path="/api/v1/photos/uploads/<upload>",
    summary="上传进度 · How far an upload is, and which photo it became; HEAD gives the headers",
    roles=EVERY_ROLE,
    optional_headers=("Tus-Resumable",),
    answer=schemas.Upload,
    answer_headers=("Tus-Resumable", "Upload-Offset", "Upload-Length", "Upload-Expires"),
    limit="reads",
    problems=("not-found", "gone", "precondition-failed", "unusable-photo"),
)
CONTINUE_UPLOAD = Operation(
    id="continueUpload",
    method="PATCH",
    path="/api/v1/photos/uploads/<upload>",
    summary="续传 · The next piece of an upload; the last one answers where the photo is",
    roles=EVERY_ROLE,
    headers=("Upload-Offset",),
    optional_headers=("Tus-Resumable", "Upload-Checksum"),
    bodies={PIECES: schemas.BINARY},
    consumes=(PIECES,),
    status=204,
    answer_headers=("Tus-Resumable", "Upload-Offset", "Upload-Expires", "Suishoupai-Photo"),
    limit="uploads",
    problems=(
        *("missing-header", "malformed", "too-slow", "too-large", "not-found", "gone"),
        *("precondition-failed", "wrong-offset", "wrong-checksum", *OF_PHOTOS),
    ),
)
END_UPLOAD = Operation(
    id="endUpload",
    method="DELETE",
    path="/api/v1/photos/uploads/<upload>",
    summary="放弃上传 · Give an upload up",
    roles=EVERY_ROLE,
    optional_headers=("Tus-Resumable",),
    status=204,
    answer_headers=("Tus-Resumable",),
    limit="uploads",
    problems=("not-found", "gone", "precondition-failed"),
)

OPERATIONS = (
    SEND_PHOTO,
    SHOW_PHOTO,
    SHOW_THUMBNAIL,
    UPLOAD_OPTIONS,
    BEGIN_UPLOAD,
    READ_UPLOAD,
    CONTINUE_UPLOAD,
    END_UPLOAD,
)
