"""The command line of the measurements: `python -m benchmarks run | accuracy | calibrations`."""

import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.machine import machine_facts
from benchmarks.progress import console
from benchmarks.results_files import RESULTS_FOLDER, result_stem, write_json, write_text

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)

ResultsFolder = Annotated[Path, typer.Option(help="Where the JSON, the table and the plot are written.")]
PhotoFolders = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Photo sets, each laid out as name/*.jpg; the default is every set beside the checkout."
    ),
]


@app.command()
def run(
    results_folder: ResultsFolder = RESULTS_FOLDER,
    only: Annotated[str, typer.Option(help="Sections, separated by commas.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Tiny counts, to see that everything runs.")] = False,
    skip_million: Annotated[bool, typer.Option("--skip-million", help="No search among a million.")] = False,
    soak: Annotated[int, typer.Option(help="Requests of the memory section; 0 is the default number.")] = 0,
    baseline: Annotated[bool, typer.Option(help="Measure face_recognition in the same run.")] = True,
) -> None:
    """Speed and memory: engine, HTTP, search, start, memory, beside `face_recognition` in the same run."""
    from benchmarks.run import MILLION, QUICK, SECTIONS, RunOptions, run_all, targets_of
    from benchmarks.run_plot import plot_run
    from benchmarks.run_report import run_page

    options = QUICK if quick else RunOptions()
    options = replace(
        options,
        sections=_sections(only, SECTIONS),
        with_baseline=baseline,
        soak_count=soak or options.soak_count,
        index_sizes=tuple(size for size in options.index_sizes if not (skip_million and size == MILLION)),
    )
    facts = machine_facts()
    results = run_all(options)
    stem = result_stem("bench", facts)
    targets = targets_of(results)
    plot_name = f"{stem}.png"
    written = write_json(
        results_folder, stem, {"facts": facts, "options": options, "results": results, "targets": targets}
    )
    plot_run(results, results_folder / plot_name, f"facegate {facts['commit']} on {facts['cpu']}")
    page = write_text(results_folder, stem, run_page(facts, results, plot_name))
    for target in targets:
        console.print(
            f"{'met   ' if target.is_met else 'MISSED'} {target.what}: {target.measured} ({target.wanted})"
        )
    console.print(f"written: {written}, {page}")


@app.command()
def accuracy(folders: PhotoFolders = None, results_folder: ResultsFolder = RESULTS_FOLDER) -> None:
    """True accepts of every embedder and of dlib's own pipeline, with a ROC plot."""
    from benchmarks.accuracy import measure_accuracy
    from benchmarks.accuracy_plot import plot_accuracy
    from benchmarks.accuracy_report import accuracy_page, verdict

    sets = _photo_sets(folders)
    facts = machine_facts()
    results = measure_accuracy(sets)
    stem = result_stem("accuracy", facts)
    plot_name = f"{stem}.png"
    written = write_json(results_folder, stem, {"facts": facts, "results": results})
    plot_accuracy(
        results, results_folder / plot_name, f"facegate {facts['commit']}: {', '.join(results.sets)}"
    )
    page = write_text(results_folder, stem, accuracy_page(facts, results, plot_name))
    console.print("\n".join(verdict(results)))
    console.print(f"written: {written}, {page}")


@app.command()
def presence(
    results_folder: ResultsFolder = RESULTS_FOLDER,
    embedders: Annotated[str, typer.Option(help="Nets, separated by commas.")] = "sface,sface-int8,dlib-int8",
    throughput_s: Annotated[float, typer.Option(help="Seconds of full load per net.")] = 60.0,
    stations: Annotated[int, typer.Option(help="Workstations at one frame a second.")] = 150,
    stations_net: Annotated[str, typer.Option(help="The net of the workstations' server.")] = "sface",
    stations_s: Annotated[float, typer.Option(help="Seconds of that; 0 leaves it out.")] = 600.0,
) -> None:
    """The presence door: every check on every frame, then many workstations with reused checks."""
    from benchmarks.presence import measure_throughput, measure_workstations
    from benchmarks.presence_report import presence_page, target_rows

    facts = machine_facts()
    nets = [name.strip() for name in embedders.split(",")]
    results = [measure_throughput(net, connections=8, duration_s=throughput_s) for net in nets]
    if stations_s > 0:
        results.append(measure_workstations(stations_net, stations=stations, duration_s=stations_s))
    _keep(results_folder, "presence", facts, results, presence_page(facts, results))
    for row in target_rows(results):
        console.print(": ".join(row))


@app.command()
def judging(
    results_folder: ResultsFolder = RESULTS_FOLDER,
    embedder: Annotated[str, typer.Option(help="The net for identity.")] = "sface-int8",
    workstations: Annotated[int, typer.Option(help="Workstations at one frame a second.")] = 40,
    duration_s: Annotated[float, typer.Option(help="Seconds of their time.")] = 30.0,
) -> None:
    """What frames of workstations cost without sockets: to compare two versions within a minute."""
    from benchmarks.judging import judging_page, measure_judging

    facts = machine_facts()
    result = measure_judging(embedder, workstations=workstations, duration_s=duration_s)
    _keep(results_folder, "judging", facts, result, judging_page(facts, result))
    console.print(f"{result.frames_per_s:g} frames/s, {result.cpu_ms:g} ms of processor time each")


@app.command()
def staged(
    photos: Annotated[
        Path | None,
        typer.Argument(
            help="Folder with `spoof` (print, real, replay) and `phones` (phone_in_hand, no_phone)."
        ),
    ] = None,
    results_folder: ResultsFolder = RESULTS_FOLDER,
    run_frames: Annotated[int, typer.Option(help="Frames of each long run of a real user.")] = 240,
) -> None:
    """The presence door's decisions: real pictures staged as users, strangers, attacks and telephones."""
    from benchmarks.presence_staged_report import staged_page
    from benchmarks.staged_stages import play_all

    facts = machine_facts()
    results = play_all(photos, run_frames)
    _keep(
        results_folder, "staged", facts, results, staged_page(facts, results, has_photos=photos is not None)
    )


@app.command()
def liveness(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders of photos, each named after what it holds: real, print, replay, ..."),
    ] = None,
    portraits: Annotated[
        list[Path] | None, typer.Option(help="Sets of real people's photos, each laid out as name/*.jpg.")
    ] = None,
    results_folder: ResultsFolder = RESULTS_FOLDER,
) -> None:
    """Liveness over time: real people and attacks as a web camera shows them, and what tells them apart."""
    from benchmarks.liveness import measure_liveness
    from benchmarks.liveness_report import liveness_page, summary

    facts = machine_facts()
    results = measure_liveness(folders or [], portraits or [])
    _keep(results_folder, "liveness", facts, results, liveness_page(facts, results))
    console.print("\n".join(summary(results)))


@app.command()
def phones(
    with_phone: Annotated[
        list[Path] | None, typer.Argument(help="Folders of photos with a phone in view.")
    ] = None,
    without: Annotated[list[Path] | None, typer.Option(help="Folders of photos without one.")] = None,
    results_folder: ResultsFolder = RESULTS_FOLDER,
) -> None:
    """Phones found and false alarms: the net alone and with a closer look; drawn phones need no folder."""
    from benchmarks.phone_report import phones_page, summary
    from benchmarks.phones import measure_phones

    facts = machine_facts()
    outcomes = measure_phones(with_phone or [], without or [])
    _keep(results_folder, "phones", facts, outcomes, phones_page(facts, outcomes))
    console.print("\n".join(summary(outcomes)))


@app.command()
def terminals(
    results_folder: ResultsFolder = RESULTS_FOLDER,
    sink_url: Annotated[
        str | None, typer.Option(help="SQLAlchemy URL of the copy's database; PostgreSQL on this machine.")
    ] = None,
    count: Annotated[int | None, typer.Option(help="Terminals; 1,000.")] = None,
    steady_s: Annotated[float | None, typer.Option(help="Seconds of the undisturbed part; 300.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Tiny counts, to see that everything runs.")] = False,
) -> None:
    """The terminals' door: storms, scans and commands while server, Redis and the copy's database fail."""
    from benchmarks.terminals import QUICK, LoadOptions, measure_terminals
    from benchmarks.terminals_report import target_rows, terminals_page

    options = QUICK if quick else LoadOptions()
    options = replace(
        options,
        sink_url=sink_url or options.sink_url,
        terminals=count or options.terminals,
        steady_s=steady_s or options.steady_s,
    )
    facts = machine_facts()
    result = measure_terminals(options)
    # The address may hold a password.
    shown = replace(result, options=replace(result.options, sink_url=result.sink_kind))
    _keep(results_folder, "terminals", facts, shown, terminals_page(facts, shown))
    for row in target_rows(shown):
        console.print(": ".join(row))


@app.command()
def cameras(
    results_folder: ResultsFolder = RESULTS_FOLDER,
    only: Annotated[
        str, typer.Option(help="Sections, separated by commas: streams, parts, glass, faults, reconnects.")
    ] = "",
    streams: Annotated[int | None, typer.Option(min=1, help="Streams at once; 8.")] = None,
    seconds: Annotated[float | None, typer.Option(min=1, help="Seconds per case of streams; 120.")] = None,
    gate: Annotated[bool, typer.Option(help="The motion gate, from glass to event.")] = True,
    quick: Annotated[bool, typer.Option("--quick", help="Tiny counts, to see that everything runs.")] = False,
) -> None:
    """Cameras on real streams: what they cost, from glass to event, hard times and a thousand reconnects."""
    from benchmarks.cameras import QUICK, SECTIONS, CameraOptions, measure_cameras, options_with
    from benchmarks.cameras_plot import plot_cameras
    from benchmarks.cameras_report import cameras_page
    from benchmarks.cameras_targets import target_rows

    options = options_with(
        QUICK if quick else CameraOptions(),
        sections=_sections(only, SECTIONS),
        streams=streams,
        seconds=seconds,
    )
    options = replace(options, walk_ins=replace(options.walk_ins, has_motion_gate=gate))
    facts = machine_facts()
    results = measure_cameras(options)
    stem = result_stem("cameras", facts)
    plot_name, targets = f"{stem}.png", target_rows(results)
    content = {"facts": facts, "options": options, "results": results, "targets": targets}
    written = write_json(results_folder, stem, content)
    plot_cameras(results, results_folder / plot_name, f"facegate {facts['commit']} on {facts['cpu']}")
    page = write_text(results_folder, stem, cameras_page(facts, options, results, plot_name))
    for row in targets:
        console.print(": ".join(row))
    console.print(f"written: {written}, {page}")


@app.command()
def calibrations(
    target: Annotated[Path, typer.Argument(help="Folder for the curves, one JSON per model.")],
    folders: PhotoFolders = None,
    measured_on: Annotated[
        str, typer.Option(help="What the photos are, for people.")
    ] = "the operator's photos",
    threads: Annotated[int, typer.Option(help="Pictures worked on at once.")] = 2,
) -> None:
    """Measure the calibration curves that facegate ships."""
    from benchmarks.calibrations import describe, write_calibrations

    for report in write_calibrations(_photo_sets(folders), target, measured_on, threads):
        typer.echo(describe(report))


def _keep(results_folder: Path, kind: str, facts: dict[str, Any], results: object, page: str) -> None:
    stem = result_stem(kind, facts)
    written = write_json(results_folder, stem, {"facts": facts, "results": results})
    console.print(f"written: {written}, {write_text(results_folder, stem, page)}")


def _sections(only: str, known: tuple[str, ...]) -> tuple[str, ...]:
    sections = tuple(name.strip() for name in only.split(",") if name.strip()) or known
    if unknown := set(sections) - set(known):
        raise typer.BadParameter(f"unknown sections {sorted(unknown)}; known are {', '.join(known)}")
    return sections


def _photo_sets(folders: list[Path] | None) -> list[Path]:
    from benchmarks.real_templates import default_photo_sets

    found = folders or default_photo_sets()
    if not found:
        raise typer.BadParameter("name at least one folder laid out as name/*.jpg")
    return found


if __name__ == "__main__":
    # Leave by an exception, so that servers and baselines that were started are stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    app()
