"""Who may do what in issuing."""

RIGHTS: dict[str, set[str]] = {
    "issuing.apply": {"clerk", "holder", "employer_handler"},
    "issuing.apply_many": {"clerk"},
    "issuing.check": {"reviewer"},
    "issuing.withdraw": {"clerk", "reviewer", "holder"},
    "issuing.make_batch": {"clerk", "stock_keeper"},
    "issuing.account_file": {"clerk", "stock_keeper"},
    "issuing.account_answer": {"clerk", "stock_keeper", "bank_program"},
    "issuing.release_batch": {"clerk", "stock_keeper"},
    "issuing.register_producer": {"area_manager", "system_admin"},
    "issuing.examination": {"area_manager", "stock_keeper"},
    "issuing.office_decision": {"area_manager"},
    "issuing.take_package": {"producer_program", "producer_operator"},
    "issuing.receive_return": {"producer_program", "producer_operator", "stock_keeper"},
    "issuing.receive_shipment": {"stock_keeper"},
    "issuing.send_to_outlet": {"stock_keeper"},
    "issuing.receive_at_outlet": {"clerk", "teller", "stock_keeper"},
    "issuing.hand_over": {"clerk", "teller"},
    "issuing.destroy": {"stock_keeper"},
    "issuing.where": {"clerk", "reviewer", "stock_keeper", "teller", "holder"},
    "issuing.view": {"clerk", "reviewer", "stock_keeper", "area_manager"},
}
