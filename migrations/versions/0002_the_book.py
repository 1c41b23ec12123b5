"""The book: net positions, acts, entries, postings, payment orders, slips, holidays; sealed, balanced and chained.

What an act brings about is written before the act, whose row seals it. On both databases a trigger refuses anything
added to what is sealed, and an act that does not continue the chain. That sums are zero is asserted on SQLite when the
seal is set, on PostgreSQL by constraint triggers at the end of the transaction.
"""

import json
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

# Each table with the columns by which a row already there is recognised, as in 0001.
APPEND_ONLY: dict[str, Sequence[Sequence[str]]] = {
    "net_position": (("settlement_id", "party"),),
    "act": (("id",), ("recorded_at",), ("hash",)),
    "entry": (("id",),),
    "posting": (("entry_id", "account"),),
    "payment_order": (("id",), ("number",)),
    "slip": (("number",), ("act_id",)),
    "holiday": (("day",),),
}
START = "0" * 64

# What must not be, each under the words of its refusal: table, and the condition over the row NEW.
SEALED = {
    "net_position": "EXISTS (SELECT 1 FROM settlement WHERE id = NEW.settlement_id)",
    "entry": "EXISTS (SELECT 1 FROM act WHERE id = NEW.act_id)",
    "posting": "EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry_id)",
    "payment_order": "EXISTS (SELECT 1 FROM act WHERE id = NEW.act_id)",
    "slip": "EXISTS (SELECT 1 FROM act WHERE id = NEW.act_id)",
}
# An act that is there already is refused as such.
UNCHAINED = (
    "NOT EXISTS (SELECT 1 FROM act WHERE id = NEW.id) AND (NEW.id <> (SELECT coalesce(max(id), 0) + 1 FROM act) OR "
    f"NEW.previous_hash <> coalesce((SELECT hash FROM act ORDER BY id DESC LIMIT 1), '{START}'))"
)
UNBALANCED_ENTRY = (
    "(SELECT count(*) FROM posting WHERE entry_id = NEW.id) < 2 OR "
    "(SELECT sum(amount_fen) FROM posting WHERE entry_id = NEW.id) <> 0"
)
UNBALANCED_POSITIONS = (
    "EXISTS (SELECT 1 FROM net_position WHERE settlement_id = {id} GROUP BY settlement_id "
    "HAVING sum(final_fen) <> 0 OR sum(adjusted_fen) <> 0 OR sum(clearing_fen) <> 0)"
)
OVERDRAWN = (
    "(SELECT coalesce(sum(p.amount_fen), 0) FROM posting p JOIN entry e ON e.id = p.entry_id "
    "LEFT JOIN act a ON a.id = e.act_id "
    "JOIN settlement s ON s.id = CASE WHEN e.act_id = NEW.id THEN NEW.settlement_id ELSE a.settlement_id END "
    "WHERE p.account = 'pool' AND "
    "s.agreement_id = (SELECT agreement_id FROM settlement WHERE id = NEW.settlement_id)) < 0"
)


def upgrade() -> None:
    create_positions()
    create_acts()
    create_entries()
    create_payments()
    create(
        "holiday",
        column("day", sa.Date),
        column("working", sa.Boolean),
        *(column(name, sa.Text) for name in ("name", "source")),
        primary=["day"],
    )
    position_what_is_settled()
    if op.get_bind().dialect.name == "postgresql":
        guard_postgresql()
    else:
        guard_sqlite()


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    if not postgresql:
        op.execute("DROP TRIGGER settlement_balanced")
    for table in ("slip", "payment_order", "posting", "entry", "act", "net_position", "holiday"):
        op.drop_table(table)
    if postgresql:
        for name in (
            "sealed_row",
            "act_chained",
            "entry_balanced",
            "posting_balanced",
            "positions_balanced",
            "pool_not_overdrawn",
        ):
            op.execute(f"DROP FUNCTION {name}()")


def column(name: str, kind: type[sa.types.TypeEngine], *, null: bool = False) -> sa.Column:
    return sa.Column(name, kind(), nullable=null, autoincrement=False)


def create(table: str, *items: sa.schema.SchemaItem, primary: Sequence[str]) -> None:
    op.create_table(table, *items, sa.PrimaryKeyConstraint(*primary, name=f"pk_{table}"))


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def unique(table: str, name: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(name, name=op.f(f"uq_{table}_{name}"))


def link(table: str, name: str, target: str, *, sealed: bool = False) -> sa.ForeignKeyConstraint:
    deferred = {"deferrable": True, "initially": "DEFERRED"} if sealed else {}
    return sa.ForeignKeyConstraint([name], [target], name=f"fk_{table}_{name}", **deferred)


def whole(*names: str) -> str:
    return " AND ".join(f"{name} = CAST({name} AS BIGINT)" for name in names)


def create_positions() -> None:
    amounts = ("payable", "receivable", "adjusted", "final", "advanced", "clearing")
    create(
        "net_position",
        column("settlement_id", sa.Integer),
        column("party", sa.Text),
        *(column(f"{name}_fen", sa.BigInteger) for name in amounts),
        link("net_position", "settlement_id", "settlement.id", sealed=True),
        check("net_position", "not_negative", "payable_fen >= 0 AND receivable_fen >= 0"),
        check("net_position", "final", "final_fen = receivable_fen - payable_fen + adjusted_fen"),
        check("net_position", "clearing", "clearing_fen = final_fen + advanced_fen"),
        check("net_position", "integer", whole("payable_fen", "receivable_fen", "adjusted_fen", "advanced_fen")),
        primary=["settlement_id", "party"],
    )


def create_acts() -> None:
    create(
        "act",
        column("id", sa.Integer),
        column("kind", sa.Text),
        column("settlement_id", sa.Integer),
        column("digest", sa.Text),
        column("day", sa.Date),
        *(column(name, sa.Text) for name in ("made_by", "document", "reason", "party", "department")),
        column("objection_id", sa.Integer, null=True),
        column("corrects_id", sa.Integer, null=True),
        column("recorded_at", sa.BigInteger),
        column("previous_hash", sa.Text),
        column("hash", sa.Text),
        link("act", "settlement_id", "settlement.id"),
        link("act", "objection_id", "act.id"),
        link("act", "corrects_id", "settlement.id"),
        unique("act", "recorded_at"),
        unique("act", "hash"),
        check(
            "act",
            "kind",
            "kind IN ('correct', 'issue', 'confirm', 'object', 'dismiss', 'uphold', 'finalise', 'void', 'pay', "
            "'refund')",
        ),
        check("act", "digest", "length(digest) = 64"),
        check("act", "hash", "length(hash) = 64 AND length(previous_hash) = 64"),
        check("act", "made_by", "made_by <> ''"),
        check("act", "party", "(kind IN ('confirm', 'object')) = (party <> '')"),
        check("act", "department", "department IN ('', 'finance', 'environment')"),
        check("act", "objection", "(kind IN ('dismiss', 'uphold')) = (objection_id IS NOT NULL)"),
        check("act", "corrects", "(kind = 'correct') = (corrects_id IS NOT NULL)"),
        primary=["id"],
    )


def create_entries() -> None:
    create(
        "entry",
        column("id", sa.Integer),
        column("act_id", sa.Integer),
        *(column(name, sa.Text) for name in ("kind", "clause", "section", "period")),
        link("entry", "act_id", "act.id", sealed=True),
        check(
            "entry",
            "kind",
            "kind IN ('obligation', 'contribution', 'distribution', 'credit', 'limit', 'clearing', 'advance', "
            "'payment', 'refund')",
        ),
        primary=["id"],
    )
    create(
        "posting",
        column("entry_id", sa.Integer),
        column("account", sa.Text),
        column("amount_fen", sa.BigInteger),
        link("posting", "entry_id", "entry.id", sealed=True),
        check("posting", "amount_fen", "amount_fen <> 0"),
        check("posting", "amount_fen_integer", whole("amount_fen")),
        primary=["entry_id", "account"],
    )


def money(table: str) -> list[sa.CheckConstraint]:
    return [
        check(table, "amount_fen", "amount_fen > 0"),
        check(table, "amount_fen_integer", whole("amount_fen")),
        check(table, "two_parties", "payer <> payee"),
    ]


def create_payments() -> None:
    create(
        "payment_order",
        column("id", sa.Integer),
        column("number", sa.Text),
        column("act_id", sa.Integer),
        *(column(name, sa.Text) for name in ("kind", "payer", "payee")),
        column("amount_fen", sa.BigInteger),
        column("period", sa.Text),
        column("due", sa.Date, null=True),
        link("payment_order", "act_id", "act.id", sealed=True),
        unique("payment_order", "number"),
        check("payment_order", "kind", "kind IN ('clearing', 'advance')"),
        *money("payment_order"),
        primary=["id"],
    )
    create(
        "slip",
        column("number", sa.Text),
        column("act_id", sa.Integer),
        column("order_id", sa.Integer),
        *(column(name, sa.Text) for name in ("payer", "payee")),
        column("amount_fen", sa.BigInteger),
        link("slip", "act_id", "act.id", sealed=True),
        link("slip", "order_id", "payment_order.id"),
        unique("slip", "act_id"),
        *money("slip"),
        primary=["number"],
    )


def position_what_is_settled() -> None:
    """Settlements kept before this version get their net positions from what they say themselves."""
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT id, payload_json FROM settlement ORDER BY id")).fetchall()
    for settlement, payload in rows:
        content = json.loads(payload)
        finals = content.get("final", {})
        if not finals or None in finals.values():
            continue
        lines = connection.execute(
            sa.text("SELECT payer, payee, amount_fen FROM obligation WHERE settlement_id = :id"), {"id": settlement}
        ).fetchall()
        for party, final in sorted(finals.items()):
            payable = sum(fen for payer, _, fen in lines if payer == party)
            receivable = sum(fen for _, payee, fen in lines if payee == party)
            clearing = sum(fen for _, payee, fen in content["clearing"] if payee == party)
            clearing -= sum(fen for payer, _, fen in content["clearing"] if payer == party)
            connection.execute(
                sa.text(
                    "INSERT INTO net_position (settlement_id, party, payable_fen, receivable_fen, adjusted_fen, "
                    "final_fen, advanced_fen, clearing_fen) VALUES (:id, :party, :payable, :receivable, :adjusted, "
                    ":final, :advanced, :clearing)"
                ),
                {
                    "id": settlement,
                    "party": party,
                    "payable": payable,
                    "receivable": receivable,
                    "adjusted": final - receivable + payable,
                    "final": final,
                    "advanced": clearing - final,
                    "clearing": clearing,
                },
            )


def guard_sqlite() -> None:
    for table, keys in APPEND_ONLY.items():
        for event in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
            )
        same = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{name} = NEW.{name}' for name in names)})"
            for names in keys
        )
        refuse_sqlite(f"{table}_no_replace", table, same, f"append-only: {table}")
    for table, sealed in SEALED.items():
        refuse_sqlite(f"{table}_sealed", table, sealed, f"append-only: {table}")
    refuse_sqlite("act_chained", "act", UNCHAINED, "unchained: act")
    refuse_sqlite("entry_balanced", "entry", UNBALANCED_ENTRY, "unbalanced: entry")
    refuse_sqlite(
        "settlement_balanced", "settlement", UNBALANCED_POSITIONS.format(id="NEW.id"), "unbalanced: net_position"
    )
    refuse_sqlite("pool_not_overdrawn", "act", OVERDRAWN, "overdrawn: pool")


def refuse_sqlite(name: str, table: str, condition: str, words: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{words}'); END"
    )


def guard_postgresql() -> None:
    for table in APPEND_ONLY:
        for event in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION append_only()"
            )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
    branches = " ELSIF ".join(
        f"TG_TABLE_NAME = '{table}' THEN IF {condition} THEN found := true; END IF;"
        for table, condition in SEALED.items()
    )
    function(
        "sealed_row",
        f"IF {branches} END IF; IF found THEN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF;",
        "DECLARE found boolean := false; ",
    )
    for table in SEALED:
        op.execute(f"CREATE TRIGGER {table}_sealed BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION sealed_row()")
    function("act_chained", refusal(UNCHAINED, "unchained: act"))
    op.execute("CREATE TRIGGER act_chained BEFORE INSERT ON act FOR EACH ROW EXECUTE FUNCTION act_chained()")
    of_posting = UNBALANCED_ENTRY.replace("NEW.id", "NEW.entry_id")
    of_positions = UNBALANCED_POSITIONS.format(id="NEW.settlement_id")
    for name, table, condition, words in (
        ("entry_balanced", "entry", UNBALANCED_ENTRY, "unbalanced: entry"),
        ("posting_balanced", "posting", of_posting, "unbalanced: posting"),
        ("positions_balanced", "net_position", of_positions, "unbalanced: net_position"),
        ("pool_not_overdrawn", "act", OVERDRAWN, "overdrawn: pool"),
    ):
        function(name, refusal(condition, words))
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {name} AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED "
            f"FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


def refusal(condition: str, words: str) -> str:
    return f"IF {condition} THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"


def function(name: str, body: str, declared: str = "") -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {declared}BEGIN {body} RETURN NEW; END $$"
    )
