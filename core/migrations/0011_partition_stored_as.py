"""Into which transfer syntax a partition brings images as they are stored."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column with a default: no row is written anew."""

    dependencies: ClassVar = [("core", "0010_end_sessions")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="partition",
            name="stored_as",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "as it comes"),
                    ("1.2.840.10008.1.2.1", "Explicit VR Little Endian"),
                    ("1.2.840.10008.1.2.5", "RLE Lossless"),
                    ("1.2.840.10008.1.2.4.70", "JPEG Lossless"),
                    ("1.2.840.10008.1.2.4.80", "JPEG-LS Lossless"),
                    ("1.2.840.10008.1.2.4.90", "JPEG 2000 Lossless"),
                    ("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Lossless"),
                ],
                db_default="",
                default="",
                help_text="Transfer syntax into which images are brought as they are"
                " stored.",
                max_length=64,
            ),
        ),
    ]
