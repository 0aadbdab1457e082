package org.rump4j.netbsd.bind;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.rump4j.netbsd.bind.Assembler.Reg.RAX;
import static org.rump4j.netbsd.bind.Assembler.Reg.RCX;
import static org.rump4j.netbsd.bind.Assembler.Reg.RDI;
import static org.rump4j.netbsd.bind.Assembler.Reg.RDX;
import static org.rump4j.netbsd.bind.Assembler.Reg.RSI;
import static org.rump4j.netbsd.bind.Assembler.Reg.RSP;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rump4j.netbsd.Toolchain;
import org.rump4j.netbsd.bind.Assembler.If;
import org.rump4j.netbsd.bind.Assembler.Label;

/** What is put together, read again by {@code objdump}. */
final class AssemblerTest {
    private static final long ADDRESS = 0x7f0000001000L;

    @TempDir
    Path dir;

    @Test
    void eachInstructionIsWhatItsNameSays() throws Exception {
        Assembler a = new Assembler(4096, ADDRESS);
        List<String> expected = new ArrayList<>();
        a.mov(RAX, RDI);
        expected.add("mov rax,rdi");
        a.mov32(RDX, 0x12345678);
        expected.add("mov edx,0x12345678");
        a.mov64(RAX, 0x123456789abcdefL);
        expected.add("movabs rax,0x123456789abcdef");
        a.load(RAX, RDX, 96);
        expected.add("mov rax,QWORD PTR [rdx+0x60]");
        a.load(RCX, RSP, 8);
        expected.add("mov rcx,QWORD PTR [rsp+0x8]");
        a.load32(RAX, RSI, 0);
        expected.add("mov eax,DWORD PTR [rsi+0x0]");
        a.store(RDI, 8, RAX);
        expected.add("mov QWORD PTR [rdi+0x8],rax");
        a.store32(RDX, 0, RAX);
        expected.add("mov DWORD PTR [rdx+0x0],eax");
        a.storeZero(RDI, 8);
        expected.add("mov QWORD PTR [rdi+0x8],0x0");
        a.loadOfThread(RDX, -80);
        expected.add("mov rdx,QWORD PTR fs:0xffffffffffffffb0");
        a.lea(RDX, RAX, -1);
        expected.add("lea rdx,[rax-0x1]");
        a.push(RDI);
        expected.add("push rdi");
        a.pop(RSI);
        expected.add("pop rsi");
        a.movR10Rcx();
        expected.add("mov r10,rcx");
        a.clear(RDX);
        expected.add("xor edx,edx");
        a.shiftRight(RAX, 28);
        expected.add("shr rax,0x1c");
        a.add(RSP, -24);
        expected.add("add rsp,0xffffffffffffffe8");
        a.and32(RAX, 1);
        expected.add("and eax,0x1");
        a.compare32(RDI, 3);
        expected.add("cmp edi,0x3");
        a.compare(RDI, 0, RAX);
        expected.add("cmp QWORD PTR [rdi+0x0],rax");
        a.compareZero(RAX, 96);
        expected.add("cmp QWORD PTR [rax+0x60],0x0");
        a.compareZero32(RDI, 4);
        expected.add("cmp DWORD PTR [rdi+0x4],0x0");
        a.test32(RAX);
        expected.add("test eax,eax");
        a.test(RSI);
        expected.add("test rsi,rsi");
        a.test32(RAX, 0xc0000000);
        expected.add("test eax,0xc0000000");
        a.test8(RDI, 16, 2);
        expected.add("test BYTE PTR [rdi+0x10],0x2");
        a.replace(RDI, 0, RDX);
        expected.add("lock cmpxchg QWORD PTR [rdi+0x0],rdx");
        a.replace32(RSI, 0, RDX);
        expected.add("lock cmpxchg DWORD PTR [rsi+0x0],edx");
        a.increment32(RDI, 0);
        expected.add("lock inc DWORD PTR [rdi+0x0]");
        a.call(RAX);
        expected.add("call rax");
        a.syscall();
        expected.add("syscall");
        a.ret();
        expected.add("ret");
        assertEquals(expected, decoded(a));
    }

    @Test
    void jumpsGoForwardAndBackAndElsewhere() throws Exception {
        Assembler a = new Assembler(4096, ADDRESS);
        Label back = new Label();
        Label forward = new Label();
        a.here(back);
        List<String> expected = new ArrayList<>();
        String[] names = {"jb", "jae", "je", "jne", "ja", "js", "jns"};
        for (If condition : If.values()) {
            a.jump(condition, forward);
            expected.add(names[expected.size()] + " 0x7f0000001034");
        }
        a.jump(back);
        expected.add("jmp 0x7f0000001000");
        a.jump(ADDRESS + 0x2000);
        expected.add("jmp 0x7f0000003000");
        a.here(forward);
        assertEquals(expected, decoded(a));
    }

    @Test
    void aDistanceThatIsNoByteIsRefused() {
        Assembler a = new Assembler(64, ADDRESS);
        assertThrows(IllegalArgumentException.class, () -> a.load(RAX, RDI, 128));
    }

    private List<String> decoded(Assembler a) throws Exception {
        Path code = Files.write(dir.resolve("code"), a.finished());
        List<String> out = new ArrayList<>();
        for (String line : Toolchain.objdump(
                        code, "-D", "-b", "binary", "-m", "i386:x86-64", "-M", "intel", "--adjust-vma=" + ADDRESS)
                .split("\n", -1)) {
            // address, bytes, instruction; a long instruction's last bytes are a line of their own
            String[] columns = line.split("\t", -1);
            if (columns.length == 3) {
                out.add(columns[2].strip().replaceAll(" +", " "));
            }
        }
        return out;
    }
}
