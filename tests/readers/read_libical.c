/* Reads a calendar on standard input with libical and prints its events as JSON. Complaints of the library, and
 * breaches of the standard's restrictions, end it with status 1. */

#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_text(const char *text)
{
    if (text == NULL) {
        fputs("null", stdout);
        return;
    }
    putchar('"');
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') {
            printf("\\%c", byte);
        } else if (byte < ' ') {
            printf("\\u%04x", byte);
        } else {
            putchar(byte);
        }
    }
    putchar('"');
}

/* The decoded value of a property; NULL where there is none. */
static const char *value_of(icalcomponent *event, icalproperty_kind kind)
{
    icalproperty *property = icalcomponent_get_first_property(event, kind);
    icalvalue *value = property == NULL ? NULL : icalproperty_get_value(property);
    if (value == NULL) {
        return NULL;
    }
    /* Only values of type TEXT are escaped; the others are as they stand. */
    return icalvalue_isa(value) == ICAL_TEXT_VALUE ? icalvalue_get_text(value) : icalvalue_as_ical_string(value);
}

static void print_event(icalcomponent *event)
{
    static const struct { const char *name; icalproperty_kind kind; } texts[] = {
        {"uid", ICAL_UID_PROPERTY}, {"summary", ICAL_SUMMARY_PROPERTY}, {"location", ICAL_LOCATION_PROPERTY},
        {"url", ICAL_URL_PROPERTY}, {"status", ICAL_STATUS_PROPERTY}, {"description", ICAL_DESCRIPTION_PROPERTY},
        {"start", ICAL_DTSTART_PROPERTY}, {"end", ICAL_DTEND_PROPERTY}, {"stamp", ICAL_DTSTAMP_PROPERTY},
        {"conference", ICAL_CONFERENCE_PROPERTY},
    };
    printf("{\"sequence\":%d,\"categories\":[", icalcomponent_get_sequence(event));
    print_text(value_of(event, ICAL_CATEGORIES_PROPERTY));
    putchar(']');
    for (size_t place = 0; place < sizeof texts / sizeof *texts; place++) {
        printf(",\"%s\":", texts[place].name);
        print_text(value_of(event, texts[place].kind));
    }
    putchar('}');
}

int main(void)
{
    static char given[1 << 24];
    size_t length = fread(given, 1, sizeof given - 1, stdin);
    given[length] = '\0';
    icalcomponent *calendar = icalparser_parse_string(given);
    if (calendar == NULL || icalcomponent_isa(calendar) != ICAL_VCALENDAR_COMPONENT) {
        fputs("libical reads no calendar\n", stderr);
        return 1;
    }
    /* The restrictions of METHOD:PUBLISH, which a subscribed calendar is in all but name. */
    icalrestriction_check(calendar);
    if (icalcomponent_count_errors(calendar) > 0) {
        fprintf(stderr, "libical complains: %s\n", icalcomponent_as_ical_string(calendar));
        return 1;
    }
    fputs("{\"events\":[", stdout);
    int count = 0;
    icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
    for (; event != NULL; event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
        if (count++ > 0) {
            putchar(',');
        }
        print_event(event);
    }
    fputs("]}\n", stdout);
    return 0;
}
