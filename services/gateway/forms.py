"""Reading a form that programs send, fields and files together: bounded before it is kept anywhere.

Fields are in memory, files on disk where they are not small.
"""

from __future__ import annotations

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request

from suishoupai.contracts.problems import Problem
from suishoupai.web import LONGEST_BODY

MOST_PARTS = 100


def read_form(request: Request, most: int) -> MultiDict[str, str]:
    """The fields of a form; its files are in ``request.files`` then.

    ``most``: bytes of all files together. What cannot be read as a form is an empty one. Raises
    ``Problem``: too large, too slow. Read once, it is the same again.
    """
    # werkzeug takes a chunked body of unknown length for none at all, but for this.
    request.environ["wsgi.input_terminated"] = True
    request.max_content_length = most + LONGEST_BODY
    request.max_form_memory_size = LONGEST_BODY
    request.max_form_parts = MOST_PARTS
    try:
        return request.form
    except RequestEntityTooLarge as error:
        raise Problem("too-large", f"at most {most} bytes of files, {MOST_PARTS} parts") from error
    except TimeoutError as error:
        raise Problem("too-slow", "nothing came for too long") from error
    except OSError as error:
        raise Problem("malformed", f"the body ends early: {error}") from error
