package io.polystream.format.parquet;

import io.polystream.row.Column;
import io.polystream.row.ColumnType;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.ListType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;

/**
 * One column of the export in a file. Every column may have NULLs. A one-dimensional array of
 * values that have a type of their own is a list (LogicalTypes.md, "Lists": three levels).
 *
 * @param name in the file
 * @param type of the leaf: the values, or the elements of the arrays
 */
record ParquetColumn(String name, StoredType type, boolean isList) {
  private static final String LIST = "list";
  private static final String ELEMENT = "element";

  /**
   * @param numbers what numbers without a declared precision are; empty for texts
   */
  static ParquetColumn of(Column column, Optional<ColumnType.Decimal> numbers) {
    if (column.type() instanceof ColumnType.Array array
        && !(array.element() instanceof ColumnType.Array)) {
      return new ParquetColumn(column.name(), StoredType.of(array.element(), numbers), true);
    }
    return new ParquetColumn(column.name(), StoredType.of(column.type(), numbers), false);
  }

  /** The definition level of a value that is there. */
  int definitionLevel() {
    return isList ? ListValues.ELEMENT_LEVEL : 1;
  }

  /**
   * What the column writer takes it for.
   *
   * @param alias a name without anything that parquet-java reads something into
   */
  Type columnType(String alias) {
    if (!isList) {
      return type.columnType(alias);
    }
    return new GroupType(
        Repetition.OPTIONAL,
        alias,
        new GroupType(Repetition.REPEATED, LIST, type.columnType(ELEMENT)));
  }

  /** Where the leaf is, in the file. */
  List<String> path() {
    return isList ? List.of(name, LIST, ELEMENT) : List.of(name);
  }

  /** What the footer says of it: the leaf after what is around it. */
  List<SchemaElement> schemaElements() {
    SchemaElement leaf = type.schemaElement();
    leaf.setRepetition_type(FieldRepetitionType.OPTIONAL);
    if (!isList) {
      return List.of(leaf.setName(name));
    }
    SchemaElement list = new SchemaElement(name);
    list.setRepetition_type(FieldRepetitionType.OPTIONAL);
    list.setNum_children(1);
    list.setLogicalType(LogicalType.LIST(new ListType()));
    list.setConverted_type(ConvertedType.LIST);
    SchemaElement repeated = new SchemaElement(LIST);
    repeated.setRepetition_type(FieldRepetitionType.REPEATED);
    repeated.setNum_children(1);
    return List.of(list, repeated, leaf.setName(ELEMENT));
  }
}
