"""Plots of progress in words: what takes the place of the picture for who does not see it."""

from collections.abc import Sequence

from hep_vision.program.overview import ExerciseProgress
from hep_vision.program.progress import DayFeeling, RangeCourse
from hep_vision.reports.progress_story import Story, span_in_words, works_by_day
from hep_vision.reports.progress_words import change_words, measure_words, plain, side_words

NO_RANGE = "How far it went is shown here after the first exercise that the camera could measure."
NO_WORK = "What you do is shown here, from the first exercise on."
NO_FORM = "Good form is shown here, once the camera could judge some of it."
NO_FEELING = "What you say about pain and effort is shown here."
NO_DAYS = "The days of the program are shown here, once it has begun."


def range_description(story: Story) -> str:
    """Return how far it went, in place of the picture."""
    shown = [one for one in story.exercises if one.courses]
    return " ".join(map(_exercise_range, shown)) if shown else NO_RANGE


def _exercise_range(exercise: ExerciseProgress) -> str:
    sides = "; ".join(
        f"{side_words(one.side)} {_between(one)} on {_counted(len(one.days), 'day')}, "
        f"{change_words(one)}"
        for one in exercise.courses
    )
    return f"{exercise.name}, {measure_words(exercise.courses[0].measure)}: {sides}."


def _between(course: RangeCourse) -> str:
    values = [one.value for one in course.days]
    low, high = (plain(value, course.unit) for value in (min(values), max(values)))
    return low if low == high else f"between {low} and {high}"


def work_description(story: Story) -> str:
    """Return what was done, in place of the picture."""
    counted = works_by_day(one for one in story.exercises if not one.timed)
    timed = works_by_day(one for one in story.exercises if one.timed)
    days = story.days_done
    if not days:
        return NO_WORK
    parts = []
    if counted:
        total = sum(one.counted for one in counted)
        clean, judged = sum(one.clean for one in counted), sum(one.judged for one in counted)
        form = f"form was judged in {judged} and good in {clean}" if judged else "form not judged"
        parts.append(f"{_counted(total, 'repetition')} counted; {form}")
    if timed:
        held_s = round(sum(one.held_ms for one in timed) / 1000)
        parts.append(f"{_counted(held_s, 'second')} held")
    return (
        f"{_counted(len(days), 'day')} with exercise, {span_in_words(days[0], days[-1])}. "
        f"{'; '.join(parts)}."
    )


def form_description(story: Story) -> str:
    """Return the share of good form, in place of the picture."""
    works = [one for one in works_by_day(story.exercises) if one.judged]
    if not works:
        return NO_FORM
    period = story.period
    groups = period.grouped(works, lambda one: one.day).values()
    shares = [sum(w.clean for w in group) / sum(w.judged for w in group) for group in groups]
    low, high = (f"{100 * share:.0f}" for share in (min(shares), max(shares)))
    span = f"{low} percent" if low == high else f"{low} to {high} percent"
    judged = _counted(sum(one.judged for one in works), "repetition or hold")
    return (
        f"Good form in {span} of what was judged in a {period.word}; {judged} judged in "
        f"{_counted(len(shares), period.word)}."
    ).replace("repetition or holds", "repetitions or holds")


def feeling_description(story: Story) -> str:
    """Return what was felt, in place of the picture."""
    parts = [
        f"{word} {_span(values)}"
        for word, answers in feeling_values(story.feeling)
        if (values := [value for value in answers if value is not None])
    ]
    if not parts:
        return NO_FEELING
    return f"On a scale from 0 to 10: {', '.join(parts)}.{_strong_pain(story)}"


def _strong_pain(story: Story) -> str:
    worst = [
        max(pains)
        for one in story.feeling
        if (pains := [v for v in (one.before, one.after, one.next_morning) if v is not None])
    ]
    if not worst:
        return ""
    from_score = story.zones.red_from
    days = sum(score >= from_score for score in worst)
    if not days:
        return f" Pain stayed below {from_score}."
    return f" Pain was {from_score} or more on {_counted(days, 'day')}."


def feeling_values(feeling: Sequence[DayFeeling]) -> tuple[tuple[str, list[int | None]], ...]:
    """Return what was asked, by its name, with every day's answer."""
    return (
        ("pain before", [one.before for one in feeling]),
        ("pain after", [one.after for one in feeling]),
        ("pain next morning", [one.next_morning for one in feeling]),
        ("effort", [one.effort for one in feeling]),
    )


def _span(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low} to {high}"


def calendar_description(story: Story) -> str:
    """Return what was done of what was due, in place of the picture."""
    if story.adherence is None:
        days = story.days_done
        if not days:
            return NO_WORK
        return f"{_counted(len(days), 'day')} with exercise, {span_in_words(days[0], days[-1])}."
    found = story.adherence
    if not found.days:
        return NO_DAYS
    rest = sum(one.rest for one in found.days)
    return (
        f"{_counted(found.days_due, 'day')} with something to do, "
        f"{span_in_words(found.days[0].day, found.days[-1].day)}: all of it done on "
        f"{found.days_complete}, some of it on {found.days_begun - found.days_complete}. "
        f"{_counted(rest, 'rest day')}."
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
