"""The words of alerts in each language. Calm, whole sentences; what is not known is not claimed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from facegate.domain.cameras.status import VideoFault


class Language(StrEnum):
    """In which alerts are written."""

    ENGLISH = "en"
    INDONESIAN = "id"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Texts of one language. `{who}`, `{camera}`, `{time}`, `{percent}` and `{duration}` are filled in."""

    stranger: str
    stranger_label: str
    seen_title: str
    seen_body: str
    sure: str
    not_sure: str
    not_live: str
    left_title: str
    left_body: str
    down_title: str
    down_body: str
    up_title: str
    up_body: str
    faults: Mapping[VideoFault, str]
    digest_title_one: str
    digest_title: str
    digest_span: str
    digest_once: str
    digest_often: str
    digest_more: str
    camera_down: str
    camera_up: str
    left_line: str
    test_title: str
    test_body: str
    months: tuple[str, ...]
    clock: str
    date: str
    units: tuple[str, str, str, str]
    """Seconds, minutes, hours, days."""


_ENGLISH = Phrases(
    stranger="Somebody unknown",
    stranger_label="Unknown",
    seen_title="{who} at {camera}",
    seen_body="{who} was seen at {camera} on {time}.",
    sure="Confidence: {percent} %.",
    not_sure="The face is close to that of a known person; it waits for review.",
    not_live="The face did not look like a live one.",
    left_title="{who} left {camera}",
    left_body="{who} was last seen at {camera} on {time}, {duration} after they came.",
    down_title="No picture from {camera}",
    down_body="{camera} gives no picture since {time}: {fault}",
    up_title="{camera} is back",
    up_body="{camera} gives pictures again since {time}. It was away for {duration}.",
    faults={
        VideoFault.UNREACHABLE: "it cannot be reached.",
        VideoFault.TIMED_OUT: "it does not answer in time.",
        VideoFault.UNAUTHORIZED: "it refuses the user name or password.",
        VideoFault.NOT_FOUND: "there is no such stream.",
        VideoFault.UNSUPPORTED: "its video cannot be decoded.",
        VideoFault.BROKEN: "its data cannot be read.",
        VideoFault.FROZEN: "the picture is frozen.",
        VideoFault.ENDED: "the stream has ended.",
        VideoFault.REFUSED: "its address may not be used.",
        VideoFault.INTERNAL: "something went wrong in the server.",
    },
    digest_title_one="{camera}: 1 alert",
    digest_title="{camera}: {count} alerts",
    digest_span="From {first} to {last}:",
    digest_once="{who}: once, {time}",
    digest_often="{who}: {count} times, last {time}",
    digest_more="and {count} more",
    camera_down="No picture",
    camera_up="Picture back",
    left_line="{who} left",
    test_title="Test message",
    test_body="This channel works. Nothing has happened: somebody asked for this message.",
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    clock="{0:02}:{1:02}:{2:02}",
    date="{day} {month} {year} at {clock}",
    units=("s", "min", "h", "d"),
)

_INDONESIAN = Phrases(
    stranger="Orang tidak dikenal",
    stranger_label="Tidak dikenal",
    seen_title="{who} di {camera}",
    seen_body="{who} terlihat di {camera} pada {time}.",
    sure="Tingkat keyakinan: {percent} %.",
    not_sure="Wajah ini mirip dengan orang yang dikenal dan menunggu peninjauan.",
    not_live="Wajah ini tidak tampak seperti wajah asli.",
    left_title="{who} meninggalkan {camera}",
    left_body="{who} terakhir terlihat di {camera} pada {time}, {duration} setelah datang.",
    down_title="Tidak ada gambar dari {camera}",
    down_body="{camera} tidak memberi gambar sejak {time}: {fault}",
    up_title="{camera} pulih",
    up_body="{camera} kembali memberi gambar sejak {time}, setelah terputus selama {duration}.",
    faults={
        VideoFault.UNREACHABLE: "kamera tidak dapat dihubungi.",
        VideoFault.TIMED_OUT: "kamera tidak menjawab tepat waktu.",
        VideoFault.UNAUTHORIZED: "kamera menolak nama pengguna atau kata sandi.",
        VideoFault.NOT_FOUND: "alirannya tidak ditemukan.",
        VideoFault.UNSUPPORTED: "videonya tidak dapat dibaca.",
        VideoFault.BROKEN: "datanya rusak.",
        VideoFault.FROZEN: "gambarnya membeku.",
        VideoFault.ENDED: "alirannya sudah berakhir.",
        VideoFault.REFUSED: "alamatnya tidak boleh dipakai.",
        VideoFault.INTERNAL: "terjadi kesalahan di server.",
    },
    digest_title_one="{camera}: 1 pemberitahuan",
    digest_title="{camera}: {count} pemberitahuan",
    digest_span="Dari {first} sampai {last}:",
    digest_once="{who}: satu kali, {time}",
    digest_often="{who}: {count} kali, terakhir {time}",
    digest_more="dan {count} lagi",
    camera_down="Tidak ada gambar",
    camera_up="Gambar pulih",
    left_line="{who} pergi",
    test_title="Pesan uji",
    test_body="Saluran ini berfungsi. Tidak terjadi apa-apa: pesan ini diminta oleh seseorang.",
    months=("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    clock="{0:02}.{1:02}.{2:02}",
    date="{day} {month} {year} pukul {clock}",
    units=("detik", "menit", "jam", "hari"),
)

PHRASES: Mapping[Language, Phrases] = {Language.ENGLISH: _ENGLISH, Language.INDONESIAN: _INDONESIAN}
