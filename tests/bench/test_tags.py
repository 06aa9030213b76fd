from bench.tag_archive import SERIES_OF_A_STUDY, TAGS, Archive
from bench.tag_questions import questions
from bench.tags_inside import prove
from imaging.models import Series, TagValue

ARCHIVE = Archive(5000)


def test_every_question_is_answered_right(committing: None) -> None:
    ARCHIVE.make()

    assert ARCHIVE.is_made()
    assert Series.objects.count() == ARCHIVE.number_of_series + 1  # and what is copied
    of_series = sum(tag.level == "series" for tag in TAGS)
    valued = ARCHIVE.number_of_studies * (1 + of_series * SERIES_OF_A_STUDY)
    assert TagValue.objects.count() == valued
    for row, asked in questions(ARCHIVE).items():
        assert asked, row
        for question in asked:
            prove(question)
