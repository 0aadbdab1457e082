package org.rump4j.fs.ext2fs.judge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What damages images and mends their checksums is judged first: where nothing is damaged, there is nothing to mend. */
@ExtendWith(Images.class)
class AnatomyTest {
    static Stream<DamagedImages> kinds() {
        return DamagedImages.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void mendingTheChecksumsOfASoundImageChangesNothing(DamagedImages kind, Images.Shelf images) {
        Path image = kind.image(images);
        Anatomy anatomy = new Anatomy(image);
        byte[] mended = anatomy.bytes();
        for (Anatomy.Region region : anatomy.regions()) {
            anatomy.fix(mended, region);
            assertArrayEquals(anatomy.bytes(), mended, region::toString);
        }
        assertTrue(anatomy.regions().size() > 50);
    }

    @Test
    void damageToWhatHasAChecksumIsMended(Images.Shelf images) {
        DamagedImages kind = DamagedImages.all()
                .filter(each -> each.name().equals("damaged-checked"))
                .findFirst()
                .orElseThrow();
        Anatomy anatomy = new Anatomy(kind.image(images));
        for (Anatomy.Region region : anatomy.regions()) {
            boolean checked = switch (region.kind()) {
                case SUPERBLOCK, GROUP_DESCRIPTOR, INODE, DIRECTORY_BLOCK, MAP_BLOCK, ATTRIBUTE_BLOCK -> true;
                case BITMAP, LINK_BLOCK, JOURNAL_SUPERBLOCK, JOURNAL_BLOCK -> false;
            };
            byte[] damaged = anatomy.bytes();
            damaged[region.offset()] ^= 1;
            byte[] mended = damaged.clone();
            anatomy.fix(mended, region);
            assertEquals(checked, !Arrays.equals(damaged, mended), region::toString);
        }
    }
}
