package sightline.deploy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.ClassesShouldConjunction;
import java.time.Instant;

/** Arrows point down: who may know whom, over all modules. */
@AnalyzeClasses(packages = "sightline", importOptions = DoNotIncludeTests.class)
class ArrowsTest {
    @ArchTest
    static final ArchRule modulesPointDown = layeredArchitecture().consideringOnlyDependenciesInLayers()
            .layer("deploy")
            .definedBy("sightline.deploy..")
            .layer("router")
            .definedBy("sightline.router..")
            .layer("vision")
            .definedBy("sightline.vision..")
            .layer("language")
            .definedBy("sightline.language..")
            .layer("torch")
            .definedBy("sightline.torch..")
            .layer("runtime")
            .definedBy("sightline.runtime..", "sightline.model..", "sightline.image..")
            .layer("client")
            .definedBy("sightline.client..")
            .layer("proto")
            .definedBy("sightline.wire..", "sightline.v1..", "sightline.stage..")
            .whereLayer("deploy")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("router")
            .mayOnlyBeAccessedByLayers("deploy")
            .whereLayer("vision")
            .mayOnlyBeAccessedByLayers("deploy")
            .whereLayer("language")
            .mayOnlyBeAccessedByLayers("deploy")
            .whereLayer("torch")
            .mayOnlyBeAccessedByLayers("vision", "language")
            .whereLayer("runtime")
            .mayOnlyBeAccessedByLayers("deploy", "router", "vision", "language")
            .whereLayer("client")
            .mayOnlyBeAccessedByLayers("deploy")
            .whereLayer("proto")
            .mayOnlyBeAccessedByLayers("deploy", "router", "vision", "language", "runtime", "client");

    @ArchTest
    static final ArchRule onlyTorchKnowsLibTorch = noClasses().that()
            .resideOutsideOfPackage("sightline.torch..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco..");

    @ArchTest
    static final ArchRule onlyStatusMappingNamesStatuses = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("sightline.wire.StatusMapping")
            .and()
            .resideOutsideOfPackages("sightline.v1..", "sightline.stage..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.grpc.Status")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.grpc.Status$Code");

    /** Decisions and pure computations take their time as a number, so that they run in milliseconds and on any clock. */
    @ArchTest
    static final ArchRule decisionsKnowNoActorsNetworkTensorsOrClock = orReadTheClock(noClasses().that()
            .resideInAnyPackage("sightline.language.schedule..", "sightline.language.sample..",
                    "sightline.router.text..",
                    "sightline.router.prompt..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.pekko..", "io.grpc..", "sightline.torch..", "java.util.concurrent.."));

    /** The transitions of sessions, dispatchers and admission, which stand beside the actors that carry them out. */
    @ArchTest
    static final ArchRule routerTransitionsKnowNoActorsNetworkOrClock = orReadTheClock(noClasses().that()
            .haveNameMatching(
                    "sightline\\.router\\.session\\.(Session(Plan|Rules|State|Event|Effect)|AnswerPlan|EndPlan"
                            + "|TokenCheck|Delivery|Admission)(\\$.*)?"
                            + "|sightline\\.router\\.fleet\\.(VisionPlan|VisionChoice|VisionLedger|LanguagePlacement"
                            + "|ReplicaLedger|NodeCosts|Cost|PromptWork|RememberedPrompts|EncodeBatches)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.pekko..", "io.grpc.."));

    private static ArchRule orReadTheClock(ClassesShouldConjunction rule) {
        return rule.orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now");
    }
}
