package io.polystream;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The walls of the design ("Where code lives"); when one moves, its rule moves with it. */
class ArchitectureTest {
  private static final DescribedPredicate<JavaClass> JDBC =
      resideInAnyPackage("java.sql..", "javax.sql..").as("JDBC");

  private static final DescribedPredicate<JavaClass> BEAM =
      resideInAPackage("org.apache.beam..").as("Beam");

  /** JdbcIO hands rows and connections to these: the only ones outside the source that see them. */
  private static final Set<String> JDBC_IN_EXPORT =
      Set.of(
          "io.polystream.export.ExportPipeline",
          "io.polystream.export.ExportRun",
          "io.polystream.export.LaneReader",
          "io.polystream.export.DistributedPipeline",
          "io.polystream.export.RemoteReader");

  private static JavaClasses product;

  @BeforeAll
  static void importTheProduct() {
    product =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.polystream");
  }

  @Test
  void dependenciesRunFromTheDoorsDownToRows() {
    check(
        layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("cli")
            .definedBy("io.polystream.cli..")
            .layer("demo")
            .definedBy("io.polystream.demo..")
            .layer("export")
            .definedBy("io.polystream.export..")
            .layer("source")
            .definedBy("io.polystream.source..")
            .layer("format")
            .definedBy("io.polystream.format..")
            .layer("output")
            .definedBy("io.polystream.output..")
            .layer("row")
            .definedBy("io.polystream.row..")
            .layer("error")
            .definedBy("io.polystream.error..")
            .layer("process")
            .definedBy("io.polystream.process..")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("demo")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("export")
            .mayOnlyBeAccessedByLayers("cli", "demo")
            // Not by one another: that is the rule.
            .whereLayer("source")
            .mayOnlyBeAccessedByLayers("cli", "demo", "export")
            .whereLayer("format")
            .mayOnlyBeAccessedByLayers("cli", "demo", "export")
            .whereLayer("output")
            .mayOnlyBeAccessedByLayers("cli", "demo", "export")
            .whereLayer("row")
            .mayNotAccessAnyLayer()
            .whereLayer("process")
            .mayNotAccessAnyLayer()
            .whereLayer("error")
            .mayNotAccessAnyLayer()
            .ensureAllClassesAreContainedInArchitecture());
  }

  @Test
  void theGroundFloorKnowsNothingButTheJdk() {
    check(
        classes()
            .that()
            .resideInAnyPackage("io.polystream.row..", "io.polystream.error..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("io.polystream.row..", "io.polystream.error..", "java.."));
    check(
        noClasses()
            .that()
            .resideInAnyPackage("io.polystream.row..", "io.polystream.format..")
            .should()
            .dependOnClassesThat(
                JDBC.or(BEAM)
                    .or(resideInAPackage("java.nio.file.."))
                    .or(assignableTo(Path.class))));
  }

  @Test
  void aFormatDoesNotKnowAnotherFormat() {
    check(slices().matching("io.polystream.format.(*)..").should().notDependOnEachOther());
    check(
        noClasses()
            .that()
            .resideInAPackage("io.polystream.format")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.polystream.format.*.."));
  }

  @Test
  void jdbcIsSpokenAtTheSourceOnly() {
    check(
        noClasses()
            .that(
                DescribedPredicate.not(
                    resideInAnyPackage("io.polystream.source..", "io.polystream.demo..")
                        .or(oneOf(JDBC_IN_EXPORT))))
            .should()
            .dependOnClassesThat(JDBC));
  }

  @Test
  void everyLibraryHasOneHome() {
    onlyIn("io.polystream.source.postgresql..", "org.postgresql..");
    onlyIn("io.polystream.source.postgresql..", "com.zaxxer.hikari..");
    onlyIn("io.polystream.export..", "org.apache.beam..");
    onlyIn("io.polystream.export..", "com.fasterxml.jackson.dataformat.yaml..");
    onlyIn("io.polystream.export..", "org.yaml..");
    onlyIn("io.polystream.cli..", "picocli..");
    onlyIn("io.polystream.cli..", "me.tongfei.progressbar..");
    onlyIn("io.polystream.demo..", "io.zonky..");
    onlyIn("io.polystream.demo..", "org.apache.commons.compress..");
    onlyIn("io.polystream.demo..", "org.tukaani.xz..");
  }

  @Test
  void aDatabaseIsKnownByItsFolderOnly() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("io.polystream.source.postgresql..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.polystream.source.postgresql.."));
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

  private static void onlyIn(String home, String library) {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(home)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(library));
    // A rule about a library that nobody uses would hold for ever, whatever it says.
    DescribedPredicate<JavaClass> inLibrary = resideInAPackage(library);
    assertThat(product.that(resideInAPackage(home)))
        .as("users of %s", library)
        .anyMatch(
            user ->
                user.getDirectDependenciesFromSelf().stream()
                    .anyMatch(dependency -> inLibrary.test(dependency.getTargetClass())));
  }

  /** The class itself or one inside it. */
  private static DescribedPredicate<JavaClass> oneOf(Set<String> names) {
    return DescribedPredicate.describe(
        "one of " + names,
        javaClass -> names.contains(javaClass.getName().replaceFirst("\\$.*", "")));
  }

  private static void check(ArchRule rule) {
    rule.check(product);
  }
}
