"""`facegate subjects`: look at the people in the gallery, rename and remove them."""

from typing import Annotated

import typer

from facegate.commands.galleries.connection import Where, gallery_command
from facegate.commands.output.questions import ask
from facegate.commands.output.terminal import cell, local_time, note, print_json, result_console, say, table

SubjectId = Annotated[str, typer.Argument(metavar="ID", help="The person's id.")]
SubjectIds = Annotated[list[str], typer.Argument(metavar="ID", help="Ids of people.")]
TemplateIds = Annotated[list[str], typer.Argument(metavar="TEMPLATE", help="See `subjects show`.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The new display name.")]
Containing = Annotated[str | None, typer.Option("--containing", help="Only with this in the id or name.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

app = typer.Typer(no_args_is_help=True, help="People in the gallery: list, show, rename, remove.")


@app.command("list")
@gallery_command
def list_subjects(where: Where, containing: Containing = None, as_json: AsJson = False) -> None:
    """List everybody in order of id."""
    from facegate.commands.galleries.opening import open_gallery

    with open_gallery(where, with_nets=False) as gallery:
        found = list(gallery.list_subjects(containing))
    if as_json:
        print_json([subject.model_dump(mode="json") for subject in found])
    elif found:
        listed = table("id", "name", "templates", "enrolled", "changed")
        for subject in found:
            name = "" if subject.display_name == subject.subject_id else subject.display_name
            created, updated = local_time(subject.created_at), local_time(subject.updated_at)
            listed.add_row(
                cell(subject.subject_id), cell(name), str(subject.template_count), created, updated
            )
        result_console().print(listed)
    if not found:
        note("Nobody is enrolled." if containing is None else "Nobody has this in their id or name.")
        raise typer.Exit(0 if containing is None else 1)


@app.command("show")
@gallery_command
def show_subject(where: Where, subject_id: SubjectId, as_json: AsJson = False) -> None:
    """Show a person with every template."""
    from facegate.commands.galleries.opening import open_gallery

    with open_gallery(where, with_nets=False) as gallery:
        subject = gallery.show_subject(subject_id)
    if as_json:
        print_json(subject.model_dump(mode="json"))
        return
    say(f"{subject.subject_id}  {subject.display_name}")
    listed = table("template", "model", "from", "quality", "enrolled", "used", whole=("template",))
    for template in subject.templates:
        quality = "" if template.quality is None else f"{template.quality:.2f}"
        listed.add_row(
            template.template_id,
            template.model_id,
            cell(template.source),
            quality,
            local_time(template.created_at),
            "yes" if template.is_searched else "no (another net)",
        )
    result_console().print(listed)


@app.command("rename")
@gallery_command
def rename_subject(where: Where, subject_id: SubjectId, name: Name) -> None:
    """Give a person another display name; the id stays."""
    from facegate.commands.galleries.opening import open_gallery

    with open_gallery(where, with_nets=False) as gallery:
        renamed = gallery.rename_subject(subject_id, name)
    say(f"{renamed.subject_id} is called {renamed.display_name} now")


@app.command("remove")
@gallery_command
def remove_subjects(where: Where, subject_ids: SubjectIds, yes: Yes = False) -> None:
    """Remove people with every template and kept piece of picture."""
    from facegate.commands.galleries.opening import open_gallery
    from facegate.domain.errors import SubjectNotFound

    ask(f"Remove {', '.join(subject_ids)} for good?", is_agreed=yes)
    missing_count = 0
    with open_gallery(where, with_nets=False) as gallery:
        for subject_id in subject_ids:
            try:
                gallery.remove_subject(subject_id)
                say(f"{subject_id} is removed")
            except SubjectNotFound as error:
                missing_count += 1
                note(f"{subject_id}: {error.message}")
    if missing_count:
        raise typer.Exit(1)


@app.command("remove-template")
@gallery_command
def remove_templates(where: Where, template_ids: TemplateIds, yes: Yes = False) -> None:
    """Remove single templates; their people stay."""
    from facegate.commands.galleries.opening import open_gallery

    ask(f"Remove {len(template_ids)} template(s) for good?", is_agreed=yes)
    with open_gallery(where, with_nets=False) as gallery:
        for template_id in template_ids:
            gallery.remove_template(template_id)
            say(f"{template_id} is removed")
