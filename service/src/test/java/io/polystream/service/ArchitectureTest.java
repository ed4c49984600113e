package io.polystream.service;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The walls of the service; when one moves, its rule moves with it. */
class ArchitectureTest {
  private static JavaClasses service;

  @BeforeAll
  static void importTheService() {
    service =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.polystream.service");
  }

  @Test
  void httpIsSpokenAtTheDoorOnly() {
    onlyIn(resideInAPackage("io.polystream.service.http.."), "spark..");
    onlyIn(resideInAPackage("io.polystream.service.http.."), "org.eclipse.jetty..");
    onlyIn(resideInAPackage("io.polystream.service.http.."), "javax.servlet..");
    onlyIn(resideInAPackage("io.polystream.service.http.."), "io.github.bucket4j..");
  }

  @Test
  void sqlIsSpokenInTheStoreOnly() {
    onlyIn(
        nameMatching("io\\.polystream\\.service\\.jobs\\.JobStore(\\$.*)?").forSubtype(),
        "java.sql..");
  }

  @Test
  void everyOtherLibraryHasOneHome() {
    onlyIn(resideInAPackage("io.polystream.service.metrics.."), "io.micrometer..");
    onlyIn(resideInAPackage("io.polystream.service"), "picocli..");
    onlyIn(resideInAPackage("io.polystream.service.log.."), "java.util.logging..");
  }

  /** What is behind the doors of the other module, such as a database, is none of its business. */
  @Test
  void exportsAreMadeThroughTheOtherModulesDoors() {
    check(
        noClasses()
            .should()
            .dependOnClassesThat(
                resideInAPackage("io.polystream..")
                    .and(
                        DescribedPredicate.not(
                            resideInAnyPackage(
                                "io.polystream.service..",
                                "io.polystream.error",
                                "io.polystream.export",
                                "io.polystream.format",
                                "io.polystream.output",
                                "io.polystream.source",
                                "io.polystream.row",
                                "io.polystream.demo",
                                "io.polystream.process")))));
  }

  @Test
  void theServiceKnowsNoEngineAndNoDriver() {
    check(
        noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "org.apache.beam..", "org.postgresql..", "org.sqlite..", "com.zaxxer.hikari.."));
  }

  @Test
  void whatIsInsideDoesNotKnowWhatIsAround() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.polystream.service.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.polystream.service"));
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages("io.polystream.service.http..", "io.polystream.service")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.polystream.service.http.."));
  }

  @Test
  void noPackageIsADrawerForEverything() {
    check(
        noClasses()
            .should()
            .resideInAnyPackage(
                "..util..", "..utils..", "..common..", "..commons..", "..helper..", "..helpers.."));
  }

  @Test
  void packagesHaveNoCycles() {
    check(slices().matching("io.polystream.(**)").should().beFreeOfCycles());
  }

  private static void onlyIn(DescribedPredicate<? super JavaClass> home, String library) {
    check(
        noClasses()
            .that(DescribedPredicate.not(home))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(library));
    // A rule about a library that nobody uses would hold for ever, whatever it says.
    DescribedPredicate<JavaClass> inLibrary = resideInAPackage(library);
    assertThat(service.that(home))
        .as("users of %s", library)
        .anyMatch(
            user ->
                user.getDirectDependenciesFromSelf().stream()
                    .anyMatch(dependency -> inLibrary.test(dependency.getTargetClass())));
  }

  private static void check(ArchRule rule) {
    rule.check(service);
  }
}
