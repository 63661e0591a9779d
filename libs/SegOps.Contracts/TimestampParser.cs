namespace SegOps.Contracts;

/// <summary>
/// Parses ISO 8601 in its extended form: <c>YYYY-MM-DD</c>, or that with <c>T</c> or a space and <c>hh:mm[:ss[.fraction]]</c> and an
/// optional <c>Z</c>, <c>±hh</c>, <c>±hhmm</c> or <c>±hh:mm</c>. A date alone means midnight; no offset means UTC; a fraction is truncated
/// after microseconds. A leap second, <c>23:59:60</c> in UTC, is second 59. Refused: week and ordinal dates, the basic form and hour 24.
/// </summary>
public static class TimestampParser
{
    /// <summary>Maximum length, in characters; a fraction can be long.</summary>
    public const int MaxLength = 64;

    /// <summary>Parses <paramref name="text"/> (UTF-8).</summary>
    /// <param name="text">The whole of it must be a timestamp.</param>
    /// <param name="utcTicks">Ticks as <see cref="DateTime.Ticks"/>, whole microseconds; an offset can put it outside DateTime's range.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out long utcTicks)
    {
        utcTicks = 0;
        if (!TryDate(ref text, out var date))
            return false;

        long time = 0, offset = 0;
        var isLeap = false;
        if (!text.IsEmpty && (!TryTime(ref text, out time, out isLeap) || !TryOffset(ref text, out offset)))
            return false;

        utcTicks = date + time - offset;
        return text.IsEmpty && (!isLeap || EndsDay(utcTicks));
    }

    /// <summary>Whether the time is in the last minute of a day, where leap seconds are.</summary>
    private static bool EndsDay(long utcTicks) => (utcTicks + TimeSpan.TicksPerMinute) / TimeSpan.TicksPerDay > utcTicks / TimeSpan.TicksPerDay;

    private static bool TryDate(ref ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (!TryDigits(ref text, 4, out var year) || !Skip(ref text, (byte)'-')
            || !TryDigits(ref text, 2, out var month) || !Skip(ref text, (byte)'-')
            || !TryDigits(ref text, 2, out var day))
            return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;

        ticks = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc).Ticks;
        return true;
    }

    private static bool TryTime(ref ReadOnlySpan<byte> text, out long ticks, out bool isLeap)
    {
        ticks = 0;
        isLeap = false;
        if (!Skip(ref text, (byte)'T') && !Skip(ref text, (byte)'t') && !Skip(ref text, (byte)' '))
            return false;
        if (!TryDigits(ref text, 2, out var hour) || hour > 23
            || !Skip(ref text, (byte)':') || !TryDigits(ref text, 2, out var minute) || minute > 59)
            return false;

        ticks = (hour * TimeSpan.TicksPerHour) + (minute * TimeSpan.TicksPerMinute);
        if (!Skip(ref text, (byte)':'))
            return true;
        if (!TryDigits(ref text, 2, out var second) || second > 60 || !TryFraction(ref text, out var fraction))
            return false;

        isLeap = second == 60;
        ticks += (Math.Min(second, 59) * TimeSpan.TicksPerSecond) + fraction;
        return true;
    }

    private static bool TryFraction(ref ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (!Skip(ref text, (byte)'.') && !Skip(ref text, (byte)','))
            return true;

        var digits = 0;
        for (var unit = TimeSpan.TicksPerSecond / 10; digits < text.Length && char.IsAsciiDigit((char)text[digits]); digits++, unit /= 10)
        {
            if (unit >= TimeSpan.TicksPerMicrosecond)
                ticks += (text[digits] - '0') * unit;
        }

        text = text[digits..];
        return digits > 0;
    }

    private static bool TryOffset(ref ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (text.IsEmpty || Skip(ref text, (byte)'Z') || Skip(ref text, (byte)'z'))
            return true;

        var west = text[0] == '-';
        if (!west && text[0] != '+')
            return false;
        text = text[1..];

        if (!TryDigits(ref text, 2, out var hours) || hours > 23)
            return false;
        var minutes = 0;
        var colon = Skip(ref text, (byte)':');
        if ((colon || !text.IsEmpty) && (!TryDigits(ref text, 2, out minutes) || minutes > 59))
            return false;

        ticks = (hours * TimeSpan.TicksPerHour) + (minutes * TimeSpan.TicksPerMinute);
        ticks = west ? -ticks : ticks;
        return true;
    }

    private static bool TryDigits(ref ReadOnlySpan<byte> text, int count, out int value)
    {
        value = 0;
        if (text.Length < count)
            return false;
        foreach (var digit in text[..count])
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
            value = (value * 10) + (digit - '0');
        }

        text = text[count..];
        return true;
    }

    private static bool Skip(ref ReadOnlySpan<byte> text, byte expected)
    {
        if (text.IsEmpty || text[0] != expected)
            return false;
        text = text[1..];
        return true;
    }
}
