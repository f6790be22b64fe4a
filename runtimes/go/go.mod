module lakehouse

go 1.26
