"""What is in force for surveys in this region."""

from niktokromenas.application.messages.submitting import rulebook
from niktokromenas.domain.reference.documents import DocumentKind
from niktokromenas.domain.reference.regions import Region
from niktokromenas.domain.surveys.rulebook import SurveyRules


def survey_rules(region: Region) -> SurveyRules:
    return SurveyRules(rulebook(region), region.documents[DocumentKind.MATERIALS].version)
