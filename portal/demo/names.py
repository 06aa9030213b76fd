"""Names of the demo patients in twelve scripts, with their character sets.

References
----------
DICOM PS3.5 6.1.2 (character sets), 6.2.1 (component groups of a person's name).
"""

from dataclasses import dataclass
from random import Random
from typing import Final


@dataclass(frozen=True, slots=True)
class Script:
    """Names that are written together, and the character set that can hold them.

    Each name is written in the component groups that the script uses, divided by
    ``=``: alphabetic, ideographic, phonetic.
    """

    character_set: tuple[str, ...]
    families: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]


SCRIPTS: Final = (
    Script(
        ("ISO_IR 100",),
        ("Núñez", "Åkerström", "Lefèvre"),
        ("Zoë", "Inés", "Märta"),
        ("José María", "Jörg", "François"),
    ),
    Script(
        ("", "ISO 2022 IR 87"),
        ("Yamada=山田=やまだ", "Suzuki=鈴木=すずき"),
        ("Hanako=花子=はなこ", "Yuki=有紀=ゆき"),
        ("Tarou=太郎=たろう", "Kenji=健二=けんじ"),
    ),
    Script(
        ("ISO_IR 144",),
        ("Шевчук", "Коваленко", "Ющенко"),
        ("Ольга", "Любовь"),
        ("Дмитрий", "Сергей"),
    ),
    Script(
        ("", "ISO 2022 IR 149"),
        ("Hong=洪=홍", "Kim=金=김"),
        ("Yeongja=英子=영자", "Sunhui=順姬=순희"),
        ("Gildong=吉洞=길동", "Cheolsu=哲洙=철수"),
    ),
    Script(
        ("ISO_IR 126",),
        ("Παπανδρέου", "Γεωργίου"),
        ("Ελένη", "Σοφία"),
        ("Διονύσιος", "Γιώργος"),
    ),
    Script(
        ("GB18030",),
        ("Wang=王", "Zhang=张"),
        ("XiaoHong=小红", "Lihua=丽华"),
        ("XiaoDong=小东", "Jianguo=建国"),
    ),
    Script(
        ("ISO_IR 127",),
        ("قباني", "حداد"),
        ("فاطمة", "ليلى"),
        ("نزار", "خالد"),
    ),
    Script(
        ("ISO_IR 101",),
        ("Wałęsa", "Kovács", "Horváth"),
        ("Łucja", "Zdeňka"),
        ("Wojciech", "Jiří"),
    ),
    Script(
        ("ISO_IR 138",),
        ("שרון", "מזרחי"),
        ("דבורה", "שירה"),
        ("יצחק", "אברהם"),
    ),
    Script(
        ("ISO_IR 192",),
        ("Nguyễn", "Trần"),
        ("Thị Hương", "Thu Hằng"),
        ("Văn Đức", "Quốc Bảo"),
    ),
    Script(
        (),
        ("Okafor", "Smith", "O'Brien"),
        ("Chioma", "Mary Ann"),
        ("Chidi", "John"),
    ),
    Script(
        ("ISO_IR 166",),
        ("สมบูรณ์", "แสงทอง"),
        ("มาลี", "สุดา"),
        ("สมชาย", "ประเสริฐ"),
    ),
)


def person_name(script: Script, sex: str, chance: Random) -> str:
    """Return a name as DICOM writes it, ``Family^Given`` in each component group."""
    family = chance.choice(script.families).split("=")
    given = chance.choice(script.women if sex == "F" else script.men).split("=")
    return "=".join("^".join(pair) for pair in zip(family, given, strict=True))
