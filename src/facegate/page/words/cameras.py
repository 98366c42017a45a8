"""Words of the view `cameras`."""

from facegate.page.words import camera_settings

_OWN: dict[str, tuple[str, str]] = {
    "what_for": (
        "What each camera sees now. Open one to watch it live or to change it.",
        "Apa yang dilihat tiap kamera sekarang. Buka satu untuk menonton langsung atau mengubahnya.",
    ),
    "none_yet": ("No camera yet", "Belum ada kamera"),
    "none_yet_step": (
        "Add one with its address: an RTSP or HTTP stream, for instance. It is tried before it is kept.",
        "Tambahkan dengan alamatnya, misalnya aliran RTSP atau HTTP. Alamatnya dicoba sebelum disimpan.",
    ),
    "open": ("Open", "Buka"),
    "back": ("All cameras", "Semua kamera"),
    "gone": ("This camera is not there any more", "Kamera ini sudah tidak ada"),
    "gone_step": ("Go back to all cameras.", "Kembali ke semua kamera."),
    "picture_of": ("Live picture of {name}", "Gambar langsung dari {name}"),
    "no_picture": ("No picture", "Tidak ada gambar"),
    "people": ("{count} faces", "{count} wajah"),
    "people_one": ("1 face", "1 wajah"),
    "rate": ("{rate} frames/s", "{rate} gambar/dtk"),
    "delay": ("{ms} ms", "{ms} md"),
    "since": ("since {when}", "sejak {when}"),
    "state_live": ("Live", "Menyala"),
    "state_connecting": ("Connecting", "Menghubungkan"),
    "state_resting": ("Outside its hours", "Di luar jadwal"),
    "state_stopped": ("Stopped", "Dihentikan"),
    "state_ended": ("Played to its end", "Selesai diputar"),
    "state_frozen": ("Picture frozen", "Gambar membeku"),
    "state_down": ("No picture", "Tidak ada gambar"),
    "state_off": ("Not watched", "Tidak diawasi"),
    "off_step": (
        "Cameras are switched off in this server. Start it with FACEGATE\\_CAMERAS\\_\\_ENABLED=true.",
        "Kamera dimatikan di server ini. Jalankan dengan FACEGATE\\_CAMERAS\\_\\_ENABLED=true.",
    ),
    "fault_unreachable": (
        "The camera cannot be reached. Check that it is on, on the network, and that the address is right.",
        "Kamera tidak dapat dijangkau. Pastikan kamera menyala, tersambung ke jaringan, dan alamatnya benar.",
    ),
    "fault_timed_out": (
        "The camera does not answer in time. Check the network between it and the server.",
        "Kamera tidak menjawab tepat waktu. Periksa jaringan antara kamera dan server.",
    ),
    "fault_unauthorized": (
        "The camera refuses the user name or password. Enter the address again with the right ones.",
        "Kamera menolak nama pengguna atau kata sandi. Masukkan lagi alamatnya dengan yang benar.",
    ),
    "fault_not_found": (
        "The camera answers, but has no such stream. Check the path at the end of the address.",
        "Kamera menjawab, tetapi aliran itu tidak ada. Periksa bagian akhir alamatnya.",
    ),
    "fault_unsupported": (
        "The camera's video cannot be decoded. Set the camera to H.264 or H.265.",
        "Video kamera tidak dapat dibaca. Atur kamera ke H.264 atau H.265.",
    ),
    "fault_broken": (
        "The camera's data cannot be read. TCP instead of UDP helps on a poor network.",
        "Data kamera tidak dapat dibaca. TCP alih-alih UDP membantu pada jaringan yang buruk.",
    ),
    "fault_frozen": (
        "The picture has not changed for a while. Restart the camera if that is not how it should be.",
        "Gambar tidak berubah beberapa waktu. Nyalakan ulang kamera jika tidak seharusnya begitu.",
    ),
    "fault_ended": (
        "The file was played to its end. Stop and start the camera to play it again.",
        "Berkas sudah diputar sampai habis. Hentikan lalu mulai kamera untuk memutarnya lagi.",
    ),
    "fault_refused": (
        "The server may not use this address.",
        "Server tidak boleh memakai alamat ini.",
    ),
    "fault_internal": (
        "Something went wrong in the server; its log says what.",
        "Terjadi kesalahan di server; catatannya (log) menjelaskan apa.",
    ),
    "server_says": ("The server says: {said}.", "Kata server: {said}."),
    "tried_again": ("It is tried again by itself.", "Akan dicoba lagi dengan sendirinya."),
    "decoder_software": ("decoded by the processor", "dibaca oleh prosesor"),
    "tile_people": ("Faces now", "Wajah sekarang"),
    "tile_analysed": ("Looked at per s", "Diperiksa per dtk"),
    "tile_coming": ("Coming per s", "Datang per dtk"),
    "tile_delay": ("Delay", "Tunda"),
    "frames": (
        "Since it was started: {decoded} frames came, {analysed} were looked at; {not_due} were more than "
        "the rate asks for, {still} without motion, {superseded} overtaken by newer ones. "
        "Reconnected: {reconnects}.",
        "Sejak dimulai: {decoded} gambar datang, {analysed} diperiksa; {not_due} melebihi laju yang diminta, "
        "{still} tanpa gerakan, {superseded} didahului yang lebih baru. Tersambung ulang: {reconnects}.",
    ),
    "start": ("Start", "Mulai"),
    "started": ("The camera is started.", "Kamera dimulai."),
    "stop": ("Stop", "Hentikan"),
    "stopped": ("The camera is stopped.", "Kamera dihentikan."),
    "try_now": ("Try connection", "Coba sambungan"),
    "trying": ("Connecting …", "Menghubungkan …"),
    "gives": (
        "It works: {stream}; first picture after {ms} ms.",
        "Berhasil: {stream}; gambar pertama setelah {ms} md.",
    ),
    "snooze": ("Snooze alerts", "Tunda pemberitahuan"),
    "snooze_means": (
        "Nobody is told for so long. The history goes on.",
        "Selama itu tidak ada yang diberi tahu. Riwayat tetap dicatat.",
    ),
    "snoozed": ("Alerts are snoozed.", "Pemberitahuan ditunda."),
    "snoozed_until": ("Snoozed until {when}", "Ditunda sampai {when}"),
    "snooze_end": ("Tell again now", "Beri tahu lagi sekarang"),
    "snooze_ended": ("Alerts are on again.", "Pemberitahuan aktif lagi."),
    "tab_watching": ("How it watches", "Cara mengawasi"),
    "tab_alerts": ("Alerts", "Pemberitahuan"),
    "tab_remove": ("Remove", "Hapus"),
    "remove": ("Remove this camera", "Hapus kamera ini"),
    "remove_means": (
        "Its address and settings go; what it saw stays in the history until its time is over.",
        "Alamat dan setelannya hilang; yang dilihatnya tetap di riwayat sampai masanya habis.",
    ),
    "remove_question": ("Remove {name} for good?", "Hapus {name} selamanya?"),
    "removed": ("The camera is removed.", "Kamera dihapus."),
    "saved": ("Saved.", "Tersimpan."),
    "add": ("Add a camera", "Tambah kamera"),
    "add_what_for": (
        "It is watched from now on, after a restart of the server too.",
        "Mulai sekarang diawasi, juga setelah server dimulai ulang.",
    ),
    "add_now": ("Add and watch", "Tambah dan awasi"),
    "add_needs": ("A name and an address are needed.", "Nama dan alamat diperlukan."),
    "added": ("The camera is added.", "Kamera ditambahkan."),
    "try_first": ("Try this address", "Coba alamat ini"),
    "alerts_later": (
        "Who is told when somebody comes. It can be changed at any time.",
        "Siapa yang diberi tahu saat ada yang datang. Dapat diubah kapan saja.",
    ),
}

WORDS: dict[str, tuple[str, str]] = {**_OWN, **camera_settings.WORDS}
