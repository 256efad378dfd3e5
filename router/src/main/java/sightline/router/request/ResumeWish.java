package sightline.router.request;

import java.util.List;
import sightline.v1.Resume;
import sightline.v1.ResumedChoice;

/**
 * What an answer that another router began was begun with, and how far it came.
 *
 * @param visionFingerprint empty without pictures
 * @param answers ids so far, one list for each answer
 */
public record ResumeWish(String modelDigest, String languageFingerprint, String visionFingerprint, long seed,
        List<List<Integer>> answers) {
    public ResumeWish {
        answers = answers.stream().map(List::copyOf).toList();
    }

    static ResumeWish of(Resume resume) {
        return new ResumeWish(resume.getModelDigest(), resume.getLanguageFingerprint(),
                resume.getVisionFingerprint(), resume.getSeed(),
                resume.getChoicesList().stream().map(ResumedChoice::getTokenIdsList).toList());
    }
}
