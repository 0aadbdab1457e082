package org.rump4j.netbsd.bind;

import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * What printf(3) makes of a format and arguments that are words: conversions {@code d i u x X o c s p %}, flags {@code - 0 # + space},
 * width, precision, and the sizes {@code hh h l ll j z t q}. Anything else stands as it is written.
 */
final class CFormat {
    private final CMemory memory;
    private final String format;
    private final LongSupplier arguments;
    private final StringBuilder out = new StringBuilder();
    private int at;

    private boolean left;
    private boolean zero;
    private boolean alternate;
    private String plus = "";
    private int width;
    private int precision;
    private int bits;

    private CFormat(CMemory memory, String format, LongSupplier arguments) {
        this.memory = memory;
        this.format = format;
        this.arguments = arguments;
    }

    static String format(CMemory memory, String format, LongSupplier arguments) {
        CFormat f = new CFormat(memory, format, arguments);
        while (f.at < format.length()) {
            char c = format.charAt(f.at);
            int begin = f.at++;
            if (c != '%') {
                f.out.append(c);
            } else {
                f.conversion(begin);
            }
        }
        return f.out.toString();
    }

    private void conversion(int begin) {
        flags();
        width = number();
        if (width < 0) {
            left = true;
            width = -width;
        }
        precision = -1;
        if (next('.')) {
            precision = number();
        }
        bits = Integer.SIZE;
        size();
        if (at == format.length()) {
            out.append(format, begin, at);
            return;
        }
        char c = format.charAt(at++);
        switch (c) {
            case 'd', 'i' -> {
                long v = signed(arguments.getAsLong());
                integer(v < 0 ? "-" : plus, Long.toUnsignedString(Math.abs(v)));
            }
            case 'u' -> integer("", Long.toUnsignedString(unsigned(arguments.getAsLong())));
            case 'o' -> {
                String digits = Long.toOctalString(unsigned(arguments.getAsLong()));
                integer("", alternate && !digits.startsWith("0") ? "0" + digits : digits);
            }
            case 'x', 'X' -> {
                long v = unsigned(arguments.getAsLong());
                String digits = Long.toHexString(v);
                String prefix = alternate && v != 0 ? "0x" : "";
                integer(
                        c == 'X' ? prefix.toUpperCase(Locale.ROOT) : prefix,
                        c == 'X' ? digits.toUpperCase(Locale.ROOT) : digits);
            }
            case 'p' -> integer("0x", Long.toHexString(arguments.getAsLong()));
            case 'c' -> pad(String.valueOf((char) (arguments.getAsLong() & 0xff)));
            case 's' -> pad(string(arguments.getAsLong()));
            case '%' -> out.append('%');
            default -> out.append(format, begin, at);
        }
    }

    private void flags() {
        left = false;
        zero = false;
        alternate = false;
        plus = "";
        while (at < format.length()) {
            switch (format.charAt(at)) {
                case '-' -> left = true;
                case '0' -> zero = true;
                case '#' -> alternate = true;
                case '+' -> plus = "+";
                case ' ' -> plus = plus.isEmpty() ? " " : plus;
                default -> {
                    return;
                }
            }
            at++;
        }
    }

    /** One that is written or passed; 0 where there is none. */
    private int number() {
        if (next('*')) {
            return (int) arguments.getAsLong();
        }
        int n = 0;
        while (at < format.length() && Character.digit(format.charAt(at), 10) >= 0) {
            n = Math.min(10 * n + Character.digit(format.charAt(at++), 10), 1 << 16);
        }
        return n;
    }

    private void size() {
        while (at < format.length()) {
            switch (format.charAt(at)) {
                case 'l', 'j', 'z', 't', 'q' -> bits = Long.SIZE;
                case 'h' -> bits = bits == Short.SIZE ? Byte.SIZE : Short.SIZE;
                default -> {
                    return;
                }
            }
            at++;
        }
    }

    private boolean next(char c) {
        boolean is = at < format.length() && format.charAt(at) == c;
        if (is) {
            at++;
        }
        return is;
    }

    private long signed(long v) {
        int unused = Long.SIZE - bits;
        return v << unused >> unused;
    }

    private long unsigned(long v) {
        int unused = Long.SIZE - bits;
        return v << unused >>> unused;
    }

    private String string(long address) {
        if (address == 0) {
            return "(null)";
        }
        if (precision < 0) {
            return memory.string(address);
        }
        // There need not be a NUL then.
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < precision && memory.getByte(address + i) != 0; i++) {
            s.append((char) (memory.getByte(address + i) & 0xff));
        }
        return s.toString();
    }

    private void integer(String sign, String digits) {
        String all = precision == 0 && digits.equals("0") ? "" : digits;
        int zeros =
                precision >= 0 ? precision - all.length() : zero && !left ? width - sign.length() - all.length() : 0;
        pad(sign + "0".repeat(Math.max(0, zeros)) + all);
    }

    private void pad(String s) {
        String spaces = " ".repeat(Math.max(0, width - s.length()));
        out.append(left ? s + spaces : spaces + s);
    }
}
