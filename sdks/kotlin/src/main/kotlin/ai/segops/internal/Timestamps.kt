package ai.segops.internal

import java.text.ParseException
import java.text.SimpleDateFormat
import java.util.Locale
import java.util.TimeZone

/** The forms of time on the wire. */
internal object Timestamps {
    const val DAY_MS = 86_400_000L

    /** 2000-01-01, before which the server takes no event. */
    const val EARLIEST_MS = 946_684_800_000L
    private val httpForms = listOf("EEE, dd MMM yyyy HH:mm:ss zzz", "EEEE, dd-MMM-yy HH:mm:ss zzz", "EEE MMM d HH:mm:ss yyyy")

    /** ISO 8601 in UTC with milliseconds. Written by hand, because `track` needs it for each event. */
    fun iso(ms: Long): String {
        val text = CharArray(24)
        val (year, month, day) = date(Math.floorDiv(ms, DAY_MS))
        val rest = Math.floorMod(ms, DAY_MS).toInt()
        digits(text, 0, 4, year.coerceIn(0, 9999))
        text[4] = '-'
        digits(text, 5, 2, month)
        text[7] = '-'
        digits(text, 8, 2, day)
        text[10] = 'T'
        digits(text, 11, 2, rest / 3_600_000)
        text[13] = ':'
        digits(text, 14, 2, rest / 60_000 % 60)
        text[16] = ':'
        digits(text, 17, 2, rest / 1_000 % 60)
        text[19] = '.'
        digits(text, 20, 3, rest % 1_000)
        text[23] = 'Z'
        return String(text)
    }

    private fun digits(text: CharArray, from: Int, count: Int, value: Int) {
        var rest = value
        for (index in from + count - 1 downTo from) {
            text[index] = '0' + rest % 10
            rest /= 10
        }
    }

    /** The Gregorian date of a day since 1970. Years begin in March here, so that the leap day is the last. */
    private fun date(epochDay: Long): Triple<Int, Int, Int> {
        val day = epochDay + 719_468
        val era = Math.floorDiv(day, 146_097L)
        val dayOfEra = Math.floorMod(day, 146_097L).toInt()
        val yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        val dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        val shifted = (5 * dayOfYear + 2) / 153
        val month = if (shifted < 10) shifted + 3 else shifted - 9
        val year = yearOfEra + era.toInt() * 400 + if (month <= 2) 1 else 0
        return Triple(year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    /** The milliseconds since 1970 of an HTTP date in any of its three forms, or null. */
    fun parseHttpDate(text: String): Long? = httpForms.firstNotNullOfOrNull { form ->
        val format = SimpleDateFormat(form, Locale.US).apply { timeZone = TimeZone.getTimeZone("GMT") }
        try {
            format.parse(text)?.time
        } catch (_: ParseException) {
            null
        }
    }
}
