package io.polystream.format.parquet;

import io.polystream.row.Column;
import io.polystream.row.ColumnType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * The columns of a file, as the footer describes them and as parquet-java's column writers have to
 * know them. Immutable.
 */
final class ParquetLayout {
  private static final int DICTIONARY_BYTES = 256 * 1024;

  /** Dictionaries need memory for every column: not for tables with more. */
  private static final int MOST_COLUMNS_WITH_DICTIONARIES = 200;

  private final List<ParquetColumn> columns;
  private final MessageType columnTypes;
  private final ParquetProperties properties;

  /**
   * @param numbers what numbers without a declared precision are; empty for texts
   * @param pageBytes about how much a page holds
   */
  ParquetLayout(List<Column> columns, Optional<ColumnType.Decimal> numbers, int pageBytes) {
    this.columns = columns.stream().map(column -> ParquetColumn.of(column, numbers)).toList();
    List<Type> types = new ArrayList<>();
    ParquetProperties.Builder settings =
        ParquetProperties.builder()
            .withWriterVersion(WriterVersion.PARQUET_1_0)
            .withPageSize(pageBytes)
            .withDictionaryPageSize(DICTIONARY_BYTES)
            .withDictionaryEncoding(columns.size() <= MOST_COLUMNS_WITH_DICTIONARIES)
            .withSizeStatisticsEnabled(false)
            .withColumnIndexTruncateLength(TextBounds.BOUND_BYTES);
    for (int i = 0; i < this.columns.size(); i++) {
      ParquetColumn column = this.columns.get(i);
      String alias = "c" + i;
      types.add(column.columnType(alias));
      String path = column.isList() ? alias + ".list.element" : alias;
      StoredType.Bounds bounds = column.type().bounds();
      settings.withStatisticsEnabled(path, bounds == StoredType.Bounds.EXACT);
      if (bounds == StoredType.Bounds.NONE) {
        settings.withDictionaryEncoding(path, false);
      }
    }
    columnTypes = new MessageType("columns", types);
    properties = settings.build();
  }

  List<ParquetColumn> columns() {
    return columns;
  }

  /** The columns under names of ours: their own may have dots, which parquet-java would read. */
  MessageType columnTypes() {
    return columnTypes;
  }

  ParquetProperties properties() {
    return properties;
  }

  /** The schema as the footer has it: the root, then depth first. */
  List<SchemaElement> schemaElements() {
    List<SchemaElement> elements = new ArrayList<>();
    SchemaElement root = new SchemaElement("schema");
    root.setRepetition_type(FieldRepetitionType.REQUIRED);
    root.setNum_children(columns.size());
    elements.add(root);
    columns.forEach(column -> elements.addAll(column.schemaElements()));
    return elements;
  }
}
