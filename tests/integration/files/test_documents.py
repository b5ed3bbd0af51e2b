"""Hostile and talkative PDFs: what is stored shows the same and can do nothing (abuse cases 20, 22)."""

import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from tests.integration.files import samples
from tests.integration.files.samples import SECRET
from tests.integration.files.test_intake import Bench

WORDS = b"BT /F1 24 Tf 72 700 Td (Pothole in Lenina street) Tj ET"
SCRIPT = "app.alert('" + SECRET.decode() + "')"


def _script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String(SCRIPT))


def _file(pdf: Pdf) -> Dictionary:
    inside = pdf.make_stream(b"MZ" + SECRET, Type=Name.EmbeddedFile)
    return Dictionary(
        Type=Name.Filespec, F=String("virus.exe"), UF=String("virus.exe"), EF=Dictionary(F=inside)
    )


def _annotated(pdf: Pdf, **more: object) -> None:
    note = Dictionary(Type=Name.Annot, Rect=[0, 0, 50, 50], **more)
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])


def _field(pdf: Pdf, **more: object) -> None:
    """A filled form with its appearance."""
    look = pdf.make_stream(b"BT /F1 12 Tf (Filled in by hand) Tj ET", Type=Name.XObject, Subtype=Name.Form)
    look.BBox = Array([0, 0, 50, 50])
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            F=4,
            T=String("name"),
            V=String("Filled in by hand"),
            Rect=[0, 0, 50, 50],
            AP=Dictionary(N=look),
            **more,
        )
    )
    pdf.pages[0].obj.Annots = Array([field])
    pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array([field])))


def _names(pdf: Pdf, **trees: object) -> None:
    pdf.Root.Names = Dictionary(**trees)


def _outline(pdf: Pdf) -> None:
    item = pdf.make_indirect(Dictionary(Title=String("x"), A=_script()))
    pdf.Root.Outlines = pdf.make_indirect(Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1))
    item.Parent = pdf.Root.Outlines


def _action(kind: str, **more: object) -> Callable[[Pdf], None]:
    def planted(pdf: Pdf) -> None:
        action = Dictionary(S=Name(f"/{kind}"), **more)
        _annotated(pdf, Subtype=Name.Link, A=action)
        pdf.Root.OpenAction = action

    return planted


def _xfa(pdf: Pdf) -> None:
    _field(pdf)
    pdf.Root.AcroForm.XFA = pdf.make_stream(b"<xdp:xdp><script>" + SECRET + b"</script></xdp:xdp>")


def _metadata(pdf: Pdf) -> None:
    pdf.docinfo["/Author"] = SECRET.decode()
    pdf.docinfo["/Producer"] = SECRET.decode()
    xmp = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    for holder in (pdf.Root, pdf.pages[0].obj, pdf.pages[0].obj.Resources.XObject.Im1):
        holder.Metadata = pdf.make_stream(xmp, Type=Name.Metadata, Subtype=Name.XML)
        holder.PieceInfo = Dictionary(Maker=Dictionary(Private=String(SECRET)))


def _in_a_picture(pdf: Pdf) -> None:
    picture = pdf.pages[0].obj.Resources.XObject.Im1
    picture.AF = Array([pdf.make_indirect(_file(pdf))])
    picture.OPI = Dictionary({"/2.0": Dictionary(F=_file(pdf))})
    picture.Alternates = Array([Dictionary(Image=pdf.make_stream(SECRET))])


def _in_a_font(pdf: Pdf) -> None:
    pdf.pages[0].obj.Resources.Font.F1.Hidden = Dictionary(Again=_script(), Deep=Array([_script()]))
    pdf.pages[0].obj.Resources.Properties = Dictionary(P0=pdf.make_indirect(Dictionary(Next=_script())))


def _in_the_tree(pdf: Pdf) -> None:
    pdf.Root.Pages.Private = Dictionary(AA=Dictionary(O=_script()), Data=_file(pdf))


PLANTS: dict[str, Callable[[Pdf], None]] = {
    "open action": lambda pdf: setattr(pdf.Root, "OpenAction", _script()),
    "document's actions": lambda pdf: setattr(pdf.Root, "AA", Dictionary(WC=_script())),
    "page's actions": lambda pdf: setattr(pdf.pages[0].obj, "AA", Dictionary(O=_script())),
    "annotation's actions": lambda pdf: _annotated(pdf, Subtype=Name.Link, AA=Dictionary(E=_script())),
    "chain of actions": _action("GoTo", Next=_script()),
    "field's actions": lambda pdf: _field(pdf, AA=Dictionary(K=_script())),
    "names of scripts": lambda pdf: _names(pdf, JavaScript=Dictionary(Names=Array([String("a"), _script()]))),
    "bookmark": _outline,
    "launch": _action("Launch", F=String("cmd.exe /c " + SECRET.decode())),
    "address": _action("URI", URI=String("http://" + SECRET.decode())),
    "form to send": _action("SubmitForm", F=String("http://" + SECRET.decode())),
    "data to take": _action("ImportData", F=String(SECRET.decode())),
    "other document": _action("GoToR", F=String(SECRET.decode())),
    "embedded document": _action("GoToE", F=String(SECRET.decode())),
    "names of files": lambda pdf: _names(
        pdf, EmbeddedFiles=Dictionary(Names=Array([String("a"), _file(pdf)]))
    ),
    "attached file": lambda pdf: _annotated(pdf, Subtype=Name.FileAttachment, FS=_file(pdf)),
    "associated file": lambda pdf: setattr(pdf.Root, "AF", Array([_file(pdf)])),
    "portfolio": lambda pdf: setattr(pdf.Root, "Collection", Dictionary(D=String(SECRET))),
    "rich media": lambda pdf: _annotated(
        pdf,
        Subtype=Name.RichMedia,
        RichMediaContent=Dictionary(Assets=Dictionary(Names=Array([String("a"), _file(pdf)]))),
    ),
    "scene": lambda pdf: _annotated(
        pdf, Subtype=Name("/3D"), **{"3DD": pdf.make_stream(SECRET, OnInstantiate=pdf.make_stream(SECRET))}
    ),
    "sound": lambda pdf: _annotated(pdf, Subtype=Name.Sound, Sound=pdf.make_stream(SECRET)),
    "screen": lambda pdf: _annotated(
        pdf, Subtype=Name.Screen, A=Dictionary(S=Name.Rendition, JS=String(SCRIPT))
    ),
    "remark's words": lambda pdf: _annotated(
        pdf, Subtype=Name.Text, Contents=String(SECRET), T=String(SECRET)
    ),
    "XFA": _xfa,
    "metadata": _metadata,
    "in a picture": _in_a_picture,
    "in a font": _in_a_font,
    "in the tree": _in_the_tree,
    "thumbnail": lambda pdf: setattr(pdf.pages[0].obj, "Thumb", pdf.make_stream(SECRET)),
}


def a_document(plant: Callable[[Pdf], None] | None = None, *, in_streams: bool = False) -> bytes:
    """Two pages with words and a picture; uncompressed, unless its objects are packed in streams."""
    with pikepdf.new() as pdf:
        for _ in range(2):
            pdf.add_blank_page()
            font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
            picture = pdf.make_stream(bytes(3), Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
            picture.ColorSpace, picture.BitsPerComponent = Name.DeviceRGB, 8
            page = pdf.pages[-1]
            page.obj.Resources = Dictionary(
                Font=Dictionary(F1=pdf.make_indirect(font)), XObject=Dictionary(Im1=picture)
            )
            page.obj.Contents = pdf.make_stream(WORDS + b" q 90 0 0 90 72 500 cm /Im1 Do Q")
        if plant is not None:
            plant(pdf)
        buffer = BytesIO()
        mode = pikepdf.ObjectStreamMode.generate if in_streams else pikepdf.ObjectStreamMode.disable
        pdf.save(buffer, object_stream_mode=mode, compress_streams=in_streams)
    return buffer.getvalue()


def everything_in(content: bytes) -> bytes:
    """The document with each object and stream in the open."""
    buffer = BytesIO()
    with pikepdf.open(BytesIO(content)) as pdf:
        pdf.save(
            buffer,
            qdf=True,
            compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
        )
    return buffer.getvalue()


def words_of(content: bytes) -> Iterator[str]:
    with pikepdf.open(BytesIO(content)) as pdf:
        for page in pdf.pages:
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tj":
                    yield str(operands[0])


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


FORBIDDEN = (
    *(b"/JavaScript", b"/JS", b"/OpenAction", b"/AA", b"/Launch", b"/URI", b"/SubmitForm", b"/ImportData"),
    *(b"/GoToR", b"/GoToE", b"/EmbeddedFile", b"/Filespec", b"/FileAttachment", b"/RichMedia", b"/3D"),
    *(b"/XFA", b"/AcroForm", b"/Annots", b"/Names", b"/Outlines", b"/Metadata", b"/PieceInfo", b"/Author"),
    *(b"/Producer", b"/AF", b"/OPI", b"/Alternates", b"/Rendition", b"/Thumb", SECRET, b"virus.exe"),
)


@pytest.mark.abuse(20)
@pytest.mark.abuse(22)
@pytest.mark.clause("3.11")
@pytest.mark.parametrize("in_streams", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("plant", PLANTS)
async def test_what_acts_or_tells_does_not_get_through(bench: Bench, plant: str, *, in_streams: bool) -> None:
    original = a_document(PLANTS[plant], in_streams=in_streams)
    assert SECRET in everything_in(original)
    attachment = await bench.take(original, "акт.pdf")
    kept = everything_in(await bench.read(attachment.key))
    assert [word for word in FORBIDDEN if word in kept] == []
    assert attachment.pages == 2
    assert list(words_of(await bench.read(attachment.key))) == ["Pothole in Lenina street"] * 2


async def test_a_cleaned_document_is_whole_and_draws_the_same(bench: Bench) -> None:
    attachment = await bench.take(a_document())
    with pikepdf.open(BytesIO(await bench.read(attachment.key))) as kept:
        assert kept.check_pdf_syntax() == []
        for page in kept.pages:
            assert page.obj.Contents.read_bytes().startswith(WORDS)
            assert page.obj.Resources.XObject.Im1.read_bytes() == bytes(3)
            assert page.obj.Resources.Font.F1.BaseFont == Name.Helvetica
            assert list(page.mediabox) == [0, 0, 612, 792]


async def test_what_was_filled_into_a_form_stays_on_the_page(bench: Bench) -> None:
    attachment = await bench.take(a_document(_field))
    assert b"Filled in by hand" in everything_in(await bench.read(attachment.key))


async def test_resources_may_be_called_anything(bench: Bench) -> None:
    def plant(pdf: Pdf) -> None:
        fonts = pdf.pages[0].obj.Resources.Font
        for name in ("/JS", "/AA", "/AF", "/EF", "/Metadata", "/A", "/S"):
            fonts[name] = fonts.F1

    attachment = await bench.take(a_document(plant))
    with pikepdf.open(BytesIO(await bench.read(attachment.key))) as kept:
        assert len(kept.pages[0].obj.Resources.Font.keys()) == 8


async def test_inherited_sizes_and_resources_come_along(bench: Bench) -> None:
    def plant(pdf: Pdf) -> None:
        first = pdf.pages[0].obj
        pdf.Root.Pages.Resources, pdf.Root.Pages.MediaBox = first.Resources, Array([0, 0, 300, 300])
        pdf.Root.Pages.Rotate = 90
        for page in pdf.pages:
            del page.obj.Resources
            del page.obj.MediaBox

    attachment = await bench.take(a_document(plant))
    with pikepdf.open(BytesIO(await bench.read(attachment.key))) as kept:
        for page in kept.pages:
            assert list(page.mediabox) == [0, 0, 300, 300]
            assert page.obj.Rotate == 90
            assert page.obj.Resources.Font.F1.BaseFont == Name.Helvetica


async def test_a_layer_that_was_hidden_stays_hidden(bench: Bench) -> None:
    def plant(pdf: Pdf) -> None:
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("draft")))
        pdf.pages[0].obj.Resources.Properties = Dictionary(MC0=layer)
        pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))

    attachment = await bench.take(a_document(plant))
    with pikepdf.open(BytesIO(await bench.read(attachment.key))) as kept:
        layer = kept.pages[0].obj.Resources.Properties.MC0
        assert [each.objgen for each in kept.Root.OCProperties.D.OFF] == [layer.objgen]


@pytest.mark.abuse(20)
async def test_a_stream_that_lies_in_another_file_is_not_followed(bench: Bench) -> None:
    def plant(pdf: Pdf) -> None:
        pdf.pages[0].obj.Resources.XObject.Im1.F = String("/etc/passwd")
        pdf.pages[0].obj.Resources.XObject.Im1.Ref = Dictionary(F=String("/etc/passwd"), Page=0)

    attachment = await bench.take(a_document(plant))
    assert b"passwd" not in everything_in(await bench.read(attachment.key))


async def test_a_cleaned_document_may_be_sent_again(bench: Bench) -> None:
    once = await bench.read((await bench.take(a_document(_field))).key)
    twice = await bench.read((await bench.take(once)).key)
    assert list(words_of(twice)) == list(words_of(once))
    assert b"Filled in by hand" in everything_in(twice)


@pytest.mark.abuse(20)
async def test_a_scripted_document_that_is_encrypted_is_refused(bench: Bench) -> None:
    with pikepdf.open(BytesIO(a_document(PLANTS["open action"]))) as pdf:
        buffer = BytesIO()
        pdf.save(buffer, encryption=pikepdf.Encryption(owner="o", user=""))
    assert await bench.refusal(buffer.getvalue()) == "encrypted-file"


@pytest.mark.abuse(20)
async def test_a_content_stream_that_swells_is_not_swollen(bench: Bench) -> None:
    """It is passed on as packed as it came: nothing of ours unpacks it."""

    def plant(pdf: Pdf) -> None:
        packed = zlib.compress(bytes(200 << 20), 9)
        pdf.pages[0].obj.Contents = pdf.make_stream(packed, Filter=Name.FlateDecode)

    attachment = await bench.take(a_document(plant, in_streams=True))
    assert attachment.size < 1_000_000


def test_samples_are_documents_that_open() -> None:
    for plant in PLANTS.values():
        with pikepdf.open(BytesIO(a_document(plant))) as pdf:
            assert len(pdf.pages) == 2
    assert samples.SECRET == SECRET
