package org.rump4j.bench.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.rump4j.bench.Images;
import org.rump4j.bench.compare.Workloads.Work;

/**
 * Our side of a row, as a process: {@code Worker KERNELS WORKLOAD [FORMAT IMAGE]}. Warms up, says {@code ready}, and then, for each line that
 * it is sent, does one round and prints one number. {@code reference.c} talks in the same way.
 */
final class Worker {
    /** The JIT compiler is done with a workload when it has run for so long. */
    private static final long WARMUP_NANOS = 3_000_000_000L;

    private static final int WARMUP_ROUNDS_MIN = 2;

    private Worker() {}

    public static void main(String[] args) throws Exception {
        Workloads.Round round = Workloads.of(args[1])
                .prepare(
                        args.length > 2
                                ? new Work(Kernels.of(args[0]), Path.of(args[3]), Images.Format.valueOf(args[2]))
                                : new Work(Kernels.of(args[0]), Path.of(""), Images.Format.EXT2));
        long begin = System.nanoTime();
        for (int i = 0; i < WARMUP_ROUNDS_MIN || System.nanoTime() - begin < WARMUP_NANOS; i++) {
            round.run();
        }
        serve(round);
        System.exit(0);
    }

    private static void serve(Workloads.Round round) throws Exception, IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        System.out.println("ready");
        while (in.readLine() != null) {
            System.out.println(round.run());
        }
    }
}
