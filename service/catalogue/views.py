"""By what an exercise is shown: the clinic's own picture and video, else our drawing."""

from collections.abc import Mapping

from msgspec import Struct

from service.catalogue.rules.media import SUFFIXES, Kind
from service.catalogue.tables import Exercise, ExerciseMedia
from service.pictures import name_of


class Shown(Struct, frozen=True, kw_only=True):
    """`picture` and `video` are addresses; `alt` is the clinic's own words for its picture, `video_alt` for its video.
    A drawing of ours has none: the cue says what it shows. `width` and `height` are the video's, in pixels."""

    picture: str | None = None
    alt: str | None = None
    video: str | None = None
    video_alt: str | None = None
    width: int | None = None
    height: int | None = None


def shown(exercise: Exercise, side: str | None, own: Mapping[str, ExerciseMedia]) -> Shown:
    """`own` is what is current of this exercise, by kind; `side` is who is at work in our drawing."""
    picture, video = own.get(Kind.PICTURE), own.get(Kind.VIDEO)
    drawn = name_of(exercise.code, side)
    return Shown(
        picture=address_of(picture) if picture else f"/pictures/{drawn}" if drawn else None,
        alt=picture.alt if picture else None,
        video=address_of(video) if video else None,
        video_alt=video.alt if video else None,
        width=video.width if video else None,
        height=video.height if video else None,
    )


def file_name(row: ExerciseMedia) -> str:
    """Says nothing of the exercise, cannot be guessed, and is another one for another file."""
    return f"{row.id.hex}.{SUFFIXES[row.content_type]}"


def address_of(row: ExerciseMedia) -> str:
    return f"/media/{file_name(row)}"
