"""`sscard bank-files`: the bank's file program. It reads the bureau's account-opening files and writes the answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sscard.cli.setup import configured
from sscard.kernel import words
from sscard.kernel.refusals import Refusal

app = typer.Typer(help="银行开户文件 / account-opening files of a bank", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(file_okay=False, exists=True)]
Name = Annotated[str, typer.Option("--program", help="银行程序的登记名 / registered name of the bank's program")]
Key = Annotated[
    str, typer.Option("--key", envvar="SSCARD_PROGRAM_KEY", help="该程序的密钥 / the program's key", show_envvar=True)
]
KeysFile = Annotated[
    Path | None, typer.Option("--keys-file", help="签名密钥文件，没有就新建 / key pairs to sign with; made if missing")
]
Lang = Annotated[str, typer.Option("--lang", help="zh | en")]


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="bank-files")


@app.command()
def answer(
    inbox: Folder, outbox: Folder, program: Name, key: Key, keys_file: KeysFile = None, lang: Lang = "zh"
) -> None:
    """Answer every opening file in INBOX that has no answer in OUTBOX yet. Exit code 1 if one is refused."""
    configured()
    from sscard.bank import file_program
    from sscard.control.signin import program as sign_in
    from sscard.keys.parties import PartyKeys

    sign_in(program, key, address="local")
    refused = False
    sign = PartyKeys.load_or_make(keys_file).signing.sign if keys_file else None
    for done in file_program.answer_folder(file_program.caller_of(program), inbox, outbox, sign=sign):
        if isinstance(done, tuple):
            refused = True
            _refused(*done, lang)
            continue
        facts = {"file": done.file, "lines": done.lines, "opened": done.opened, "refused": done.refused}
        typer.echo(words.text("notice", "bank.file_answered", lang, **facts))
    raise typer.Exit(int(refused))


@app.command()
def show(opening: Annotated[Path, typer.Argument(dir_okay=False, exists=True)], lang: Lang = "zh") -> None:
    """Check an opening file without doing anything: form, counts, digest. Prints no personal data."""
    configured()
    from sscard.bank import files

    try:
        asked = files.read_opening(opening.read_bytes())
    except Refusal as refusal:
        _refused(opening, refusal, lang)
        raise typer.Exit(1) from None
    facts = {"file": asked.head.file, "area": asked.head.area, "bank": asked.head.bank, "lines": len(asked.lines)}
    typer.echo(words.text("notice", "bank.file_sound", lang, **facts))


def _refused(path: Path, refusal: Refusal, lang: str) -> None:
    typer.echo(f"{path.name}: {refusal.sentence(lang)} {refusal.next_step(lang)}", err=True)
    for fault in refusal.faults:
        typer.echo(f"  {fault.place}: {fault.sentence(lang)} {fault.advice(lang)}".rstrip(), err=True)
